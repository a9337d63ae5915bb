"""Every address of the shop."""

from django.contrib import admin
from django.urls import include, path

from recommendations.admin.inspector import inspector
from recommendations.events.beacon import beacon
from storefront.metrics import metrics
from storefront.views.art import picture
from storefront.views.category import category
from storefront.views.health import health, ready, robots
from storefront.views.home import home
from storefront.views.orders import order, orders
from storefront.views.privacy import privacy, privacy_choice
from storefront.views.product import buy, product, watch
from storefront.views.search import search

urlpatterns = [
    path("", home, name="home"),
    path("search/", search, name="search"),
    path("c/<slug:slug>/", category, name="category"),
    path("p/<slug:slug>/", product, name="product"),
    path("p/<slug:slug>/buy/", buy, name="buy"),
    path("p/<slug:slug>/watch/", watch, name="watch"),
    path("art/<str:sku>.svg", picture, name="art"),
    path("events/", beacon, name="events"),
    path("api/", include("storefront.api.urls")),
    path("orders/", orders, name="orders"),
    path("orders/<int:trade_id>/", order, name="order"),
    path("privacy/", privacy, name="privacy"),
    path("privacy/choice/", privacy_choice, name="privacy-choice"),
    path("accounts/", include("storefront.accounts.urls")),
    path("healthz", health, name="health"),
    path("readyz", ready, name="ready"),
    path("metrics", metrics, name="metrics"),
    path("robots.txt", robots, name="robots"),
    path("admin/campaigns/", include("recommendations.admin.room.urls")),
    path("admin/inspector/", admin.site.admin_view(inspector), name="inspector"),
    path("admin/", admin.site.urls),
]
