"""Who asks: one signed first-party cookie holds the shopper's key, the visit and the privacy choice."""

import re
import secrets
from dataclasses import replace
from functools import lru_cache
from typing import Protocol, cast

from django.contrib.auth import get_user_model
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse

from recommendations import conf
from recommendations.events import cookie
from recommendations.events.cookie import Consent, Visit
from recommendations.ports import Shopper

SESSION_IDLE_S = 1800
# The cookie is rewritten for its last-seen time alone only when that is this old.
REWRITE_AFTER_S = 300
# Crawlers that say so. Headless browsers and scripts stay shoppers: they are tests, tools and screen readers too.
CRAWLER = re.compile(
    r"(?<!cu)bot\b|crawl|spider|slurp|facebookexternalhit|lighthouse|pagespeed|pingdom|statuscake|preview",
    re.IGNORECASE,
)


class HasShopperKey(Protocol):
    """What an account is to this package."""

    pk: int
    shopper_key: str | None


class Identity:
    """The shopper of one request, worked out at the first look, and whether the cookie must be written."""

    __slots__ = ("_request", "_shopper", "_visit", "is_cookie_due")

    def __init__(self, request: HttpRequest) -> None:
        self._request = request
        self._shopper: Shopper | None = None
        self._visit: Visit | None = None
        self.is_cookie_due = False

    @property
    def shopper(self) -> Shopper:
        """Who asks; where nothing may be kept, somebody new at each request."""
        return self._shopper or self._resolve()

    @property
    def is_resolved(self) -> bool:
        """Whether anything asked for the shopper yet."""
        return self._shopper is not None

    @property
    def consent(self) -> Consent:
        """The choice that the cookie holds."""
        visit = cookie.read(self._request.COOKIES.get(cookie.name(), "")) if self._visit is None else self._visit
        return visit.consent if visit else Consent.UNASKED

    def assume(self, visit: Visit) -> None:
        """Be this visit from here on, in this request and in the cookie."""
        self._visit = visit
        self._shopper = self._as_shopper(visit)
        self.is_cookie_due = True

    def switch_to(self, shopper_key: str) -> None:
        """Keep visit and choice, under another key."""
        if shopper_key != self.shopper.shopper_key and self._visit is not None:
            self.assume(replace(self._visit, shopper_key=shopper_key))

    def write(self, response: HttpResponse) -> None:
        """Put the cookie on the response."""
        if self._visit is not None:
            cookie.write(response, self._visit)
        self.is_cookie_due = False

    def _resolve(self) -> Shopper:
        found = cookie.read(self._request.COOKIES.get(cookie.name(), ""))
        visit = found or Visit("", "", 0, Consent.UNASKED)
        now_s = int(conf.now().timestamp())
        if not self.may_track(visit.consent):
            visit = _fresh_visit(now_s, visit.consent)
        elif not visit.shopper_key:
            visit = _fresh_visit(now_s, visit.consent)
            self.is_cookie_due = not self._is_crawler()
        elif abs(now_s - visit.seen_s) > SESSION_IDLE_S:
            visit = replace(visit, session_id=_new_session_id(), seen_s=now_s)
            self.is_cookie_due = True
        elif abs(now_s - visit.seen_s) > REWRITE_AFTER_S:
            visit = replace(visit, seen_s=now_s)
            self.is_cookie_due = True
        self._visit = visit
        self._shopper = self._as_shopper(visit)
        return self._shopper

    def _as_shopper(self, visit: Visit) -> Shopper:
        return Shopper(
            shopper_key=visit.shopper_key,
            session_id=visit.session_id,
            has_consent=self.may_track(visit.consent),
            is_bot=self._is_crawler() or self._is_prefetch(),
        )

    def may_track(self, choice: Consent) -> bool:
        """Whether this choice lets the shopper be recorded; the browser's Global Privacy Control overrules it."""
        if choice is Consent.REFUSED or self._request.META.get("HTTP_SEC_GPC") == "1":
            return False
        return choice is Consent.GIVEN or not conf.ask_consent()

    def _is_crawler(self) -> bool:
        return _names_crawler(self._request.META.get("HTTP_USER_AGENT", ""))

    def _is_prefetch(self) -> bool:
        purpose = self._request.META.get("HTTP_SEC_PURPOSE") or self._request.META.get("HTTP_PURPOSE") or ""
        return "prefetch" in purpose or "prerender" in purpose


class ShopperRequest(HttpRequest):
    """A request as `ShopperMiddleware` leaves it; for annotations."""

    identity: Identity
    shopper: Shopper


def identity_of(request: HttpRequest) -> Identity:
    """The request's identity; made here where no middleware ran."""
    asked = cast("ShopperRequest", request)
    if getattr(asked, "identity", None) is None:
        asked.identity = Identity(request)
    return asked.identity


def device_key(request: HttpRequest) -> str:
    """The key that the browser's cookie holds, whatever its choice or signal; empty where it holds none."""
    visit = cookie.read(request.COOKIES.get(cookie.name(), ""))
    return visit.shopper_key if visit else ""


def adopt(request: HttpRequest, user: HasShopperKey) -> None:
    """At sign-in: the account takes the device's key if it has none, else the device takes the account's.

    A device key that another account owns is not shared: the account then gets a key of its own. An untracked
    shopper leaves no key anywhere.

    Args:
        request: the sign-in's request; its response will carry the cookie.
        user: the account, saved; its `shopper_key` is brought up to date.
    """
    identity = identity_of(request)
    if not identity.shopper.is_tracked:
        return
    key = user.shopper_key or _claim(user, identity.shopper.shopper_key) or _claim(user, _new_key())
    if key is None:
        key = get_user_model().objects.values_list("shopper_key", flat=True).get(pk=user.pk)
    user.shopper_key = key
    _switch(request, str(key))


def renew(request: HttpRequest) -> None:
    """Forget this device's shopper: a new key, nothing linked to the old one (shared computers, deleted accounts)."""
    identity = identity_of(request)
    if identity.shopper.is_tracked:
        _switch(request, _new_key())


def give_consent(request: HttpRequest, response: HttpResponse) -> None:
    """Record that the shopper agrees; a signed-in account's key comes along.

    While the browser sends Global Privacy Control the answer stays no, and nothing is written.
    """
    identity = identity_of(request)
    if not identity.may_track(Consent.GIVEN):
        return
    known = cookie.read(request.COOKIES.get(cookie.name(), ""))
    fresh = _fresh_visit(int(conf.now().timestamp()), Consent.GIVEN)
    identity.assume(replace(known, consent=Consent.GIVEN) if known and known.shopper_key else fresh)
    cast("ShopperRequest", request).shopper = identity.shopper
    user = getattr(request, "user", None)
    if user is not None and user.is_authenticated:
        adopt(request, user)
    identity.write(response)


def withdraw_consent(request: HttpRequest, response: HttpResponse) -> None:
    """Record the refusal; the cookie keeps this choice and no key."""
    identity = identity_of(request)
    identity.assume(_fresh_visit(int(conf.now().timestamp()), Consent.REFUSED))
    cast("ShopperRequest", request).shopper = identity.shopper
    identity.write(response)


def _switch(request: HttpRequest, shopper_key: str) -> None:
    identity = identity_of(request)
    identity.switch_to(shopper_key)
    cast("ShopperRequest", request).shopper = identity.shopper


def _claim(user: HasShopperKey, shopper_key: str) -> str | None:
    """Give the account this key, unless it has one by now or the key is somebody's."""
    try:
        with transaction.atomic():
            accounts = get_user_model().objects.filter(pk=user.pk, shopper_key__isnull=True)
            return shopper_key if accounts.update(shopper_key=shopper_key) else None
    except IntegrityError:
        return None


def _fresh_visit(now_s: int, consent: Consent) -> Visit:
    return Visit(_new_key(), _new_session_id(), now_s, consent)


def _new_key() -> str:
    return secrets.token_hex(16)


def _new_session_id() -> str:
    return secrets.token_hex(8)


@lru_cache(maxsize=1024)
def _names_crawler(agent: str) -> bool:
    return CRAWLER.search(agent[:512]) is not None
