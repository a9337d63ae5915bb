"""What Django REST framework and the description of the API are told in the settings."""

from typing import Any

from catalog.orders.states import OrderStatus

REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    # Each view says itself who may ask, and how often.
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": [],
    "UNAUTHENTICATED_USER": None,
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["storefront.api.parsing.TellingJsonParser"],
    # The schema says what a view takes; OPTIONS says nothing more.
    "DEFAULT_METADATA_CLASS": None,
    "EXCEPTION_HANDLER": "storefront.api.errors.answer_error",
}
SPECTACULAR_SETTINGS: dict[str, Any] = {
    "TITLE": "kerbstone",
    "DESCRIPTION": (
        "The market for programs: products, books, orders, bids, asks, a watchlist, and what the shop's pages show. "
        "Programs ask with `Authorization: Bearer TOKEN`; pages of the shop with their session and its CSRF token. "
        "Prices are whole minor units of `currency`. Every command of the market takes an `Idempotency-Key`: the same "
        "key again has the same outcome and does nothing more."
    ),
    "VERSION": "1",
    # Operations are grouped by the noun that follows.
    "SCHEMA_PATH_PREFIX": "/api/",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_AUTHENTICATION": [],
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "ENUM_NAME_OVERRIDES": {
        "Reason": "experiments.assignment.Reason",
        "Rung": "recommendations.serving.fallback.Rung",
        "BidStatus": "catalog.models.market.Bid.Status",
        "AskStatus": "catalog.models.market.Ask.Status",
        "OrderStatus": [(status.value, status.value) for status in OrderStatus],
    },
}
