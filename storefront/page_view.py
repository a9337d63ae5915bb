"""One view of a page with the experiment's row: who looks, what was known of them before, and what they get."""

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any, Self, cast
from uuid import UUID

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest

from experiments.assignment import Assignment, assign
from experiments.overrides import read as read_overrides
from recommendations.events import ids, recent
from recommendations.events.identity import device_key, identity_of
from recommendations.ports import Shopper
from recommendations.serving.recommend import has_history
from storefront.devices import DESKTOP, find_device
from storefront.experiment_hooks import ATTRIBUTES, NEW, RETURNING
from storefront.hiding import hidden_skus
from storefront.row_experiments import choose_assignment

RECENT_EVENTS = 50
UNKNOWN = "unknown"


class Attributes(Mapping[str, str]):
    """The facts by name, each looked up when first asked for: most assignments need none of them."""

    __slots__ = ("_view",)

    def __init__(self, view: "PageView") -> None:
        self._view = view

    def __getitem__(self, name: str) -> str:
        match name:
            case "device":
                return self._view.device
            case "history":
                return self._view.history
            case "signed_in":
                return "yes" if self._view.is_signed_in else "no"
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        return iter(ATTRIBUTES)

    def __len__(self) -> int:
        return len(ATTRIBUTES)


class PageView:
    """What one view of a page knows; page, API and the record of page views share one, and so one assignment."""

    def __init__(
        self,
        shopper: Shopper,
        *,
        page_view_id: UUID | None = None,
        user: Any = None,
        device: str = DESKTOP,
        forced: Mapping[str, str] | None = None,
        has_returned: bool = True,
    ) -> None:
        """Look through somebody's eyes.

        Args:
            shopper: who looks.
            page_view_id: shared by all rows of the view; a fresh UUIDv7 where none is given.
            user: the signed-in user; None for somebody without a session.
            device: `phone` or `desktop`.
            forced: experiment -> the variation that a verified override asks for.
            has_returned: whether the request brought the shopper's cookie. Until it does, the key is no unit: it may
                never come again.
        """
        self.shopper = shopper
        self.page_view_id = page_view_id or ids.uuid7(settings.CLOCK.now())
        self.user = user
        self.device = device
        self.has_returned = has_returned
        self.attributes: Mapping[str, str] = Attributes(self)
        self._forced = forced or {}

    @classmethod
    def of(cls, request: HttpRequest) -> Self:
        """The request's view; made at the first call, the same one afterwards."""
        known = getattr(request, "page_view", None)
        if known is None:
            known = cls(
                identity_of(request).shopper,
                # Without a session cookie neither session nor user is touched.
                user=getattr(request, "user", None) if settings.SESSION_COOKIE_NAME in request.COOKIES else None,
                device=find_device(request.META),
                forced={key: override.variation for key, override in read_overrides(request).items()},
                has_returned=bool(device_key(request)),
            )
            request.page_view = known  # type: ignore[attr-defined]
        return cast("Self", known)

    @property
    def unit(self) -> str:
        """Who experiments know: the shopper's key once their cookie came back, empty before.

        Clients without a cookie jar would be a new unit at each request. To let only those in who come back, and yet
        show everybody their variation at once, would have each variation choose its own sample; so a first view shows
        what control shows, whatever the coverage, and what is compared begins when both kinds of shoppers are alike.
        """
        return self.shopper.shopper_key if self.has_returned else ""

    @cached_property
    def assignment(self) -> Assignment:
        """What the shopper gets, decided once a view."""
        return choose_assignment(self._ask)

    @property
    def analysed_phase_id(self) -> int | None:
        """The phase in whose results this view counts, or None: exempt, forced, targeted and first views do in none."""
        return self.assignment.phase_id if self.assignment.is_analysed else None

    @cached_property
    def recent_events(self) -> tuple[recent.RecentEvent, ...]:
        """The shopper's last fifty events, latest first; none where nothing may be kept of them."""
        return tuple(recent.recent(self.shopper.shopper_key, RECENT_EVENTS)) if self.shopper.is_tracked else ()

    @cached_property
    def has_history(self) -> bool:
        """Whether the shop has seen this shopper do anything, live or in an import."""
        return bool(self.recent_events) or has_history(self.shopper)

    @cached_property
    def hidden(self) -> frozenset[str]:
        """The SKUs that the shopper wants in no row; none while the database that knows them is away."""
        if not (self.shopper.is_tracked and self.has_returned):
            return frozenset()
        try:
            return hidden_skus(self.shopper.shopper_key)
        except (OperationalError, InterfaceError):
            return frozenset()

    @property
    def history(self) -> str:
        """`returning` or `new`, `unknown` while the database that would tell is away."""
        try:
            return RETURNING if self.has_history else NEW
        except (OperationalError, InterfaceError):
            return UNKNOWN

    @cached_property
    def is_signed_in(self) -> bool:
        """Whether an account is signed in."""
        return self.user is not None and bool(self.user.is_authenticated)

    def _ask(self, key: str) -> Assignment:
        return assign(
            key,
            self.unit,
            user=self.user,
            is_bot=self.shopper.is_bot,
            has_consent=self.shopper.has_consent,
            attributes=self.attributes,
            forced=self._forced.get(key),
        )
