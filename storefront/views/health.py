"""What machines ask for: does this process live, is the shop ready to serve, and which pages may be crawled."""

from dataclasses import dataclass

from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from redis.exceptions import RedisError

from recommendations.events.connections import page_client
from recommendations.models import LiveCampaign, Rotation

ROBOTS = "User-agent: *\nDisallow: /accounts/\nDisallow: /admin/\nDisallow: /orders/\nDisallow: /search/\n"


@dataclass(frozen=True, slots=True)
class Check:
    """What one part answered; a part that is not needed to serve a page only degrades the shop."""

    is_good: bool
    is_needed: bool
    says: str


@require_safe
@never_cache
def health(_request: HttpRequest) -> HttpResponse:
    """200 as long as this process answers; restart it when it does not."""
    return JsonResponse({"status": "ok"})


@require_safe
@never_cache
def ready(_request: HttpRequest) -> HttpResponse:
    """200 while pages can be served, degraded or not; 503 and the reasons while they cannot."""
    checks = {"database": _check_database(), "valkey": _check_valkey(), "live_campaign": _check_live_campaign()}
    wrong = [check for check in checks.values() if not check.is_good]
    is_ready = not any(check.is_needed for check in wrong)
    body = {
        "status": "not_ready" if not is_ready else "degraded" if wrong else "ready",
        "checks": {
            name: {"status": "ok" if check.is_good else "down" if check.is_needed else "degraded", "says": check.says}
            for name, check in checks.items()
        },
    }
    return JsonResponse(body, status=200 if is_ready else 503)


@require_safe
def robots(_request: HttpRequest) -> HttpResponse:
    return HttpResponse(ROBOTS, content_type="text/plain")


def _check_database() -> Check:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return Check(is_good=False, is_needed=True, says="PostgreSQL does not answer: no page can be served.")
    return Check(is_good=True, is_needed=True, says="PostgreSQL answers.")


def _check_valkey() -> Check:
    try:
        page_client().ping()
    except (RedisError, OSError):
        says = "Valkey does not answer: pages are served, but homepages do not learn and events wait in memory."
        return Check(is_good=False, is_needed=False, says=says)
    return Check(is_good=True, is_needed=False, says="Valkey answers.")


def _check_live_campaign() -> Check:
    try:
        wanting = set(Rotation.objects.filter(is_active=True).values_list("key", flat=True))
        wanting -= set(LiveCampaign.objects.values_list("rotation_id", flat=True))
        n_live = LiveCampaign.objects.count()
    except DatabaseError:
        return Check(is_good=False, is_needed=False, says="Cannot be told without the database.")
    if wanting or not n_live:
        named = ", ".join(sorted(wanting)) or "any rotation"
        says = f"Nothing is live for {named}: popular lists serve. Run `manage.py retrain`."
        return Check(is_good=False, is_needed=False, says=says)
    return Check(is_good=True, is_needed=False, says="Every active rotation has a live campaign.")
