"""What all views of the API share: nobody may keep an answer, and refused commands are told alike."""

from collections.abc import Iterable, Sequence
from typing import Any

from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import NotFound
from rest_framework.negotiation import BaseContentNegotiation, DefaultContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import BaseThrottle
from rest_framework.views import APIView

from storefront.api.authentication import IsSignedIn, PageAuthentication, TokenAuthentication
from storefront.api.throttles import LimitThrottle


class OnlyJson(BaseContentNegotiation):
    """There is one form of answer; whoever asks for another gets this one, and reads its type."""

    def select_parser(self, request: Request, parsers: Iterable[BaseParser]) -> BaseParser | None:
        """The parser of what was sent; None for another type, which is refused."""
        return DefaultContentNegotiation().select_parser(request, parsers)

    def select_renderer(
        self, _request: Request, renderers: Iterable[BaseRenderer], _format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        """The one there is."""
        (only,) = renderers
        return only, only.media_type


class ApiView(APIView):
    """A view for everybody. `write_limit` names the limit that its changes fall under."""

    content_negotiation_class = OnlyJson
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


class NowhereView(ApiView):
    """Every other address under the API's."""

    schema = None
    authentication_classes = ()

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:  # noqa: ARG002
        """Whatever the method, there is nothing.

        Raises:
            NotFound: always.
        """
        raise NotFound("There is no such address; all of the API's end with a slash. See /api/.")
