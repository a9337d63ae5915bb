"""What every page's frame needs: brand, categories, who is signed in, whether to ask for consent."""

import time
from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.urls import reverse

from catalog.models import Category, Product
from recommendations import conf
from recommendations.events.cookie import Consent
from recommendations.events.identity import identity_of
from storefront.accounts.models import User
from storefront.world import current_world

BRAND = "kerbstone"
TAGLINE = "The open market where every size has its own price"
CATEGORIES_TTL_S = 60.0
MAX_CATEGORIES = 12


@dataclass(frozen=True, slots=True)
class Aisle:
    """One category as the navigation shows it, with the address of its page."""

    name: str
    slug: str
    url: str


_aisles: tuple[tuple[Aisle, ...], float] = ((), -CATEGORIES_TTL_S)


@dataclass(frozen=True, slots=True)
class Shop:
    """The frame's facts. Account and consent are looked at only when the template asks."""

    request: HttpRequest
    brand: str = BRAND
    tagline: str = TAGLINE

    @property
    def world_name(self) -> str:
        return current_world().name

    @property
    def currency(self) -> str:
        return current_world().currency

    @property
    def categories(self) -> tuple[Aisle, ...]:
        return navigation()

    @property
    def account(self) -> User | None:
        """The signed-in user; without a session cookie neither session nor user is touched."""
        if settings.SESSION_COOKIE_NAME not in self.request.COOKIES:
            return None
        user: User | AnonymousUser | None = getattr(self.request, "user", None)
        return user if isinstance(user, User) or (user is not None and user.is_authenticated) else None

    @property
    def is_staff(self) -> bool:
        account = self.account
        return account is not None and account.is_staff

    @property
    def must_ask_consent(self) -> bool:
        """Whether the banner is due: consent must be asked for, and neither the shopper nor the browser answered."""
        if not conf.ask_consent() or self.request.META.get("HTTP_SEC_GPC") == "1":
            return False
        return identity_of(self.request).consent is Consent.UNASKED


def shop(request: HttpRequest) -> dict[str, Shop]:
    """The context processor: one value, `shop`; no query while the navigation is warm."""
    return {"shop": Shop(request)}


def navigation() -> tuple[Aisle, ...]:
    """The categories that hold something, in order; at most a minute old."""
    global _aisles
    held, read_at = _aisles
    if held and time.monotonic() - read_at < CATEGORIES_TTL_S:
        return held
    rows = Category.objects.filter(products__in=Product.objects.listed()).distinct()[:MAX_CATEGORIES]
    fresh = tuple(Aisle(row.name, row.slug, reverse("category", args=[row.slug])) for row in rows)
    _aisles = (fresh, time.monotonic())
    return fresh


def forget_navigation() -> None:
    """Drop the kept categories, so that no test sees another's. Imports run in processes of their own."""
    global _aisles
    _aisles = ((), -CATEGORIES_TTL_S)
