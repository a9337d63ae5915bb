"""Every address of the shop."""

from django.contrib import admin
from django.urls import include, path

from recommendations.admin.inspector import inspector
from recommendations.events.beacon import beacon
from storefront.converters import ANYTHING
from storefront.deals import Deed
from storefront.metrics import metrics
from storefront.views.art import picture
from storefront.views.category import category
from storefront.views.drops import drops
from storefront.views.health import health, ready, robots
from storefront.views.hiding import hide, show_again
from storefront.views.home import home
from storefront.views.market import review, trade
from storefront.views.my_market import cancel_ask, cancel_bid, my_ask, my_asks, my_bid, my_bids
from storefront.views.orders import give_up, order, orders, receive, sale, sales, ship
from storefront.views.privacy import privacy, privacy_choice
from storefront.views.product import product
from storefront.views.search import search, suggest
from storefront.views.watchlist import unwatch, watch, watchlist

# Tables need the width, and the front page lists everything.
admin.site.enable_nav_sidebar = False

urlpatterns = [
    path("", home, name="home"),
    path("search/", search, name="search"),
    path("search/suggest/", suggest, name="suggest"),
    path("c/<slug:slug>/", category, name="category"),
    path("p/<slug:slug>/", product, name="product"),
    path("p/<slug:slug>/ask/", trade, {"deed": Deed.ASK}, name="ask"),
    path("p/<slug:slug>/bid/", trade, {"deed": Deed.BID}, name="bid"),
    path("p/<slug:slug>/buy/", trade, {"deed": Deed.BUY}, name="buy"),
    path("p/<slug:slug>/hide/", hide, name="hide"),
    path("p/<slug:slug>/review/", review, name="review"),
    path("p/<slug:slug>/sell/", trade, {"deed": Deed.SELL}, name="sell"),
    path("p/<slug:slug>/show-again/", show_again, name="show-again"),
    path("p/<slug:slug>/unwatch/", unwatch, name="unwatch"),
    path("p/<slug:slug>/watch/", watch, name="watch"),
    path(f"art/<{ANYTHING}:sku>.svg", picture, name="art"),
    path("drops/", drops, name="drops"),
    path("events/", beacon, name="events"),
    path("api/", include("storefront.api.urls")),
    path("my/asks/", my_asks, name="my-asks"),
    path("my/asks/<int:ask_id>/", my_ask, name="my-ask"),
    path("my/asks/<int:ask_id>/cancel/", cancel_ask, name="cancel-ask"),
    path("my/bids/", my_bids, name="my-bids"),
    path("my/bids/<int:bid_id>/", my_bid, name="my-bid"),
    path("my/bids/<int:bid_id>/cancel/", cancel_bid, name="cancel-bid"),
    path("orders/", orders, name="orders"),
    path("orders/<int:order_id>/", order, name="order"),
    path("orders/<int:order_id>/receive/", receive, name="receive"),
    path("sales/", sales, name="sales"),
    path("sales/<int:order_id>/", sale, name="sale"),
    path("sales/<int:order_id>/give-up/", give_up, name="give-up"),
    path("sales/<int:order_id>/ship/", ship, name="ship"),
    path("privacy/", privacy, name="privacy"),
    path("privacy/choice/", privacy_choice, name="privacy-choice"),
    path("watchlist/", watchlist, name="watchlist"),
    path("accounts/", include("storefront.accounts.urls")),
    path("healthz", health, name="health"),
    path("readyz", ready, name="ready"),
    path("metrics", metrics, name="metrics"),
    path("robots.txt", robots, name="robots"),
    path("admin/campaigns/", include("recommendations.admin.room.urls")),
    path("admin/inspector/", admin.site.admin_view(inspector), name="inspector"),
    path("admin/", admin.site.urls),
]
