"""What all views of the API share: nobody may keep an answer, and refused commands are told alike."""

from collections.abc import Sequence
from typing import Any

from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import BaseThrottle
from rest_framework.views import APIView

from storefront.api.authentication import IsSignedIn, PageAuthentication, TokenAuthentication
from storefront.api.throttles import LimitThrottle


class ApiView(APIView):
    """A view for everybody. `write_limit` names the limit that its changes fall under."""

    # The first one says how to ask again: a 401 names the scheme of tokens.
    authentication_classes: Sequence[type[BaseAuthentication]] = (TokenAuthentication, PageAuthentication)
    throttle_classes: Sequence[type[BaseThrottle]] = (LimitThrottle,)
    write_limit = "writes"

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        """Nobody may keep an answer: it is one asker's, and of this moment; a refusal too."""
        final: Response = super().finalize_response(request, response, *args, **kwargs)
        final["Cache-Control"] = "private, no-store"
        return final


class AccountView(ApiView):
    """A view for accounts alone."""

    permission_classes = (IsSignedIn,)


class MarketView(AccountView):
    """A view whose changes are commands of the market."""

    write_limit = "orders"
