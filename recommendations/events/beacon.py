"""POST /events/: which items of which lists a shopper saw; always answered 204, refusals are counted."""

import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.http.request import UnreadablePostError
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from recommendations import conf
from recommendations.events import buffer, ids, tokens
from recommendations.events.codecs import MAX_RANK
from recommendations.events.identity import identity_of
from recommendations.events.refusals import refusals
from recommendations.events.schema import Impression
from recommendations.events.throttle import Throttle

MAX_BYTES = 16 * 1024
MAX_LISTS = 25

# A page sends every two seconds while its reader scrolls.
throttle = Throttle(burst=30, per_s=2)


class Refused(Exception):
    """The beacon, or one list of it, is not taken; `reason` is the counter it adds to."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class SeenList:
    """The ranks of one list that came into view."""

    token: str
    ranks: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Beacon:
    """One beacon: a page view and what was seen of its lists."""

    page_view_id: UUID
    lists: tuple[SeenList, ...]


# A beacon cannot carry a CSRF token; it is taken from our own pages only, and counts only lists signed for its shopper.
@csrf_exempt
@require_POST
def beacon(request: HttpRequest) -> HttpResponse:
    """Record the impressions, or count why not: `{"page_view_id": .., "lists": [{"token": .., "ranks": [1, 2]}]}`."""
    try:
        _take(request)
    except Refused as refused:
        refusals.add("beacon", refused.reason)
    return HttpResponse(status=204)


def parse(body: bytes) -> Beacon:
    """The beacon of a body.

    Raises:
        Refused: with its reason.
    """
    try:
        fields: Any = json.loads(body)
        page_view_id = UUID(fields["page_view_id"])
        lists = fields["lists"]
        if not isinstance(lists, list) or len(lists) > MAX_LISTS:
            raise Refused("too_many_lists")
        return Beacon(page_view_id, tuple(_seen_list(one) for one in lists))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise Refused("malformed") from error


def _take(request: HttpRequest) -> None:
    if not _is_same_origin(request):
        raise Refused("foreign_origin")
    shopper = identity_of(request).shopper
    if not shopper.is_tracked:
        raise Refused("bot" if shopper.is_bot else "no_consent")
    if not throttle.admits(shopper.shopper_key):
        raise Refused("throttled")
    seen = parse(_body(request))
    for one in seen.lists:
        _record(one, seen.page_view_id, shopper.shopper_key)


def _body(request: HttpRequest) -> bytes:
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isdecimal() or int(length) > MAX_BYTES:
        raise Refused("too_large")
    try:
        return request.body
    except UnreadablePostError as error:
        raise Refused("cut_off") from error


def _record(seen: SeenList, page_view_id: UUID, shopper_key: str) -> None:
    recommendation_id = tokens.read(seen.token, shopper_key)
    if recommendation_id is None:
        refusals.add("beacon", "token_not_valid")
        return
    listed_at, seen_at = ids.time_of(recommendation_id), conf.now()
    for rank in seen.ranks:
        buffer.record_impression(
            Impression(
                # Seen again on the same page view is the same impression.
                impression_id=ids.derived(listed_at, str(recommendation_id), str(page_view_id), str(rank)),
                recommendation_id=recommendation_id,
                page_view_id=page_view_id,
                shopper_key=shopper_key,
                rank=rank,
                seen_at=seen_at,
            )
        )


def _seen_list(fields: Any) -> SeenList:
    token, ranks = fields["token"], fields["ranks"]
    if not isinstance(token, str) or not isinstance(ranks, list):
        raise Refused("malformed")
    if not all(type(rank) is int and 1 <= rank <= MAX_RANK for rank in ranks):
        raise Refused("rank_out_of_range")
    return SeenList(token, tuple(dict.fromkeys(ranks)))


def _is_same_origin(request: HttpRequest) -> bool:
    """By what the browser says of the request; a script on another site can set neither header."""
    site = request.META.get("HTTP_SEC_FETCH_SITE")
    if site is not None:
        return bool(site == "same-origin")
    origin = request.META.get("HTTP_ORIGIN")
    return bool(origin) and origin == f"{request.scheme}://{request.get_host()}"
