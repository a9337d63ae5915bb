"""Overrides for testers: a signed link asks for one variation, a signed cookie keeps it, an expiry ends it."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

from experiments.conf import now

PARAMETER = "xp_"
LEAVE = "xp_leave"
COOKIE = "xp"
STAFF_HOURS = 8.0
MAX_HOURS = 24.0 * 14
MAX_OVERRIDES = 8
_SALT = "experiments.overrides"


@dataclass(frozen=True, slots=True)
class Override:
    """A variation that somebody was allowed to ask for, until a moment in seconds since 1970."""

    variation: str
    until_s: int


class OverrideRefused(ValueError):
    """A link that does not count; the message says why and what to do."""


def sign(key: str, variation: str, hours: float) -> str:
    """Make the value of `?xp_<key>=` that lets anybody see this variation for some time.

    Args:
        key: The experiment's key.
        variation: The variation's key.
        hours: How long link and cookie count, above 0 and up to two weeks.

    Returns:
        "variation:expiry:signature", fit for an address.

    Raises:
        ValueError: `hours` is out of range.
    """
    if not 0 < hours <= MAX_HOURS:
        raise ValueError(f"hours == {hours}, must be above 0 and at most {MAX_HOURS:g}.")
    asked = f"{variation}:{_now_s() + round(hours * 3600)}"
    return _signer().sign(_bind(key, asked)).removeprefix(_bind(key, ""))


def make_query(key: str, variation: str, hours: float) -> str:
    """The part of a link after the question mark.

    Raises:
        ValueError: As `sign`.
    """
    return urlencode({f"{PARAMETER}{key}": sign(key, variation, hours)}, safe=":")


def verify(key: str, value: str) -> Override:
    """Check what a link asks for.

    Args:
        key: The experiment's key, from the parameter's name.
        value: What `sign` made.

    Raises:
        OverrideRefused: Not signed here, for another experiment, or expired.
    """
    try:
        signed = _signer().unsign(_bind(key, value))
    except signing.BadSignature:
        raise OverrideRefused("This link is not valid. Ask for a new one, or sign in as staff.") from None
    variation, _, until_s = signed.removeprefix(_bind(key, "")).rpartition(":")
    override = Override(variation, int(until_s))
    if override.until_s <= _now_s():
        raise OverrideRefused("This link has expired. Ask for a new one.")
    return override


def read(request: HttpRequest) -> Mapping[str, Override]:
    """The verified overrides of the request's cookie by experiment, read once a request; expired ones are dropped."""
    held: dict[str, Override] | None = getattr(request, "experiment_overrides", None)
    if held is None:
        held = _read_cookie(request.COOKIES.get(COOKIE, ""))
        request.experiment_overrides = held  # type: ignore[attr-defined]
    return held


def find_forced(request: HttpRequest, key: str) -> str | None:
    """The variation that this request may ask `assign` for, or None."""
    override = read(request).get(key)
    return override.variation if override is not None else None


def write(response: HttpResponse, overrides: Mapping[str, Override]) -> None:
    """Keep these overrides in the browser until the last one expires; none deletes the cookie."""
    if not overrides:
        response.delete_cookie(COOKIE, samesite="Lax")
        return
    newest = dict(list(overrides.items())[-MAX_OVERRIDES:])
    stored = {key: [one.variation, one.until_s] for key, one in newest.items()}
    response.set_cookie(
        COOKIE,
        _signer().sign_object(stored),
        max_age=max(0, max(one.until_s for one in newest.values()) - _now_s()),
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )


def grant(variation: str) -> Override:
    """What a member of staff gets for asking, without a signature."""
    return Override(variation, _now_s() + round(STAFF_HOURS * 3600))


def _read_cookie(value: str) -> dict[str, Override]:
    if not value:
        return {}
    try:
        stored = _signer().unsign_object(value)
    except (signing.BadSignature, ValueError):
        return {}
    now_s = _now_s()
    return {key: Override(variation, until_s) for key, (variation, until_s) in stored.items() if until_s > now_s}


def _signer() -> signing.Signer:
    return signing.Signer(salt=_SALT)


def _bind(key: str, asked: str) -> str:
    """What is signed: a link for one experiment says nothing about another."""
    return f"{key}|{asked}"


def _now_s() -> int:
    return int(now().timestamp())
