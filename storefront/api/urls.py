"""The addresses of the API."""

from django.urls import path
from drf_spectacular.views import SpectacularAPIView

from storefront.api.asks import AsksView, AskView
from storefront.api.bids import BidsView, BidView
from storefront.api.book import BookView, HistoryView, QuotesView
from storefront.api.book import SalesView as LastSalesView
from storefront.api.orders import GiveUpView, OrdersView, OrderView, ReceiveView, SalesView, SaleView, ShipView
from storefront.api.pages import api_page
from storefront.api.products import ProductsView, ProductView
from storefront.api.recommendations import RecommendationsView
from storefront.api.tokens import TokensView, TokenView
from storefront.api.views import NowhereView
from storefront.api.watchlist import WatchlistView, WatchView
from storefront.converters import ANYTHING

urlpatterns = [
    path("", api_page, name="api"),
    path("schema/", SpectacularAPIView.as_view(throttle_classes=()), name="schema"),
    path("asks/", AsksView.as_view(), name="api-asks"),
    path("asks/<int:ask_id>/", AskView.as_view(), name="api-ask"),
    path("bids/", BidsView.as_view(), name="api-bids"),
    path("bids/<int:bid_id>/", BidView.as_view(), name="api-bid"),
    path("orders/", OrdersView.as_view(), name="api-orders"),
    path("orders/<int:order_id>/", OrderView.as_view(), name="api-order"),
    path("orders/<int:order_id>/receive/", ReceiveView.as_view(), name="api-order-receive"),
    path("products/", ProductsView.as_view(), name="api-products"),
    path(f"products/<{ANYTHING}:sku>/book/", BookView.as_view(), name="api-product-book"),
    path(f"products/<{ANYTHING}:sku>/history/", HistoryView.as_view(), name="api-product-history"),
    path(f"products/<{ANYTHING}:sku>/quotes/", QuotesView.as_view(), name="api-product-quotes"),
    path(f"products/<{ANYTHING}:sku>/sales/", LastSalesView.as_view(), name="api-product-sales"),
    # Last, for a SKU may have a slash.
    path(f"products/<{ANYTHING}:sku>/", ProductView.as_view(), name="api-product"),
    path("recommendations/", RecommendationsView.as_view(), name="api-recommendations"),
    path("sales/", SalesView.as_view(), name="api-sales"),
    path("sales/<int:order_id>/", SaleView.as_view(), name="api-sale"),
    path("sales/<int:order_id>/give-up/", GiveUpView.as_view(), name="api-sale-give-up"),
    path("sales/<int:order_id>/ship/", ShipView.as_view(), name="api-sale-ship"),
    path("tokens/", TokensView.as_view(), name="api-tokens"),
    path("tokens/<int:token_id>/", TokenView.as_view(), name="api-token"),
    path("watchlist/", WatchlistView.as_view(), name="api-watchlist"),
    path(f"watchlist/<{ANYTHING}:sku>/", WatchView.as_view(), name="api-watch"),
    path(f"<{ANYTHING}:rest>", NowhereView.as_view(), name="api-nowhere"),
]
