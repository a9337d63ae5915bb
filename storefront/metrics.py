"""GET /metrics: counts of all processes, and what database and Valkey tell at this moment; never public."""

import hmac
from collections.abc import Iterator
from datetime import datetime
from ipaddress import ip_address

from django.conf import settings
from django.db import DatabaseError
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from catalog.payments.waiting import read_waiting
from recommendations import monitoring
from recommendations.alarms.facts import Facts, LetterFacts, StateStoreFacts
from recommendations.alarms.gathering import gather
from recommendations.models import Alarm, RetrainRun, StepAttempt
from recommendations.retrain_status import RetrainStatus

# Set by proxies: an address behind one says nothing about who asks.
FORWARDED = ("HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED", "HTTP_X_REAL_IP", "HTTP_X_FORWARDED_HOST")


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """The metrics in Prometheus' text format; 404 for whoever may not read them."""
    if not is_allowed(request):
        raise Http404
    shown = CollectorRegistry()
    shown.register(FactsCollector())
    text = generate_latest(monitoring.registry(settings.METRICS_DIR)) + generate_latest(shown)
    return HttpResponse(text, content_type=CONTENT_TYPE_LATEST)


def is_allowed(request: HttpRequest) -> bool:
    """Whether the request carries the token, comes straight from an allowed network, or from signed-in staff."""
    given = request.META.get("HTTP_AUTHORIZATION", "")
    if settings.METRICS_TOKEN and hmac.compare_digest(given.encode(), f"Bearer {settings.METRICS_TOKEN}".encode()):
        return True
    return _is_from_allowed_network(request) or _is_staff(request)


def _is_from_allowed_network(request: HttpRequest) -> bool:
    if any(header in request.META for header in FORWARDED):
        return False
    try:
        address = ip_address(request.META.get("REMOTE_ADDR", ""))
    except ValueError:
        return False
    return any(address in network for network in settings.METRICS_NETWORKS)


def _is_staff(request: HttpRequest) -> bool:
    if settings.SESSION_COOKIE_NAME not in request.COOKIES:
        return False
    try:
        return bool(request.user.is_active and getattr(request.user, "is_staff", False))
    except DatabaseError:
        return False


class FactsCollector(Collector):
    """The facts of this moment as gauges; what is out of reach is left out and `shop_up` says so."""

    def collect(self) -> Iterator[Metric]:
        up = GaugeMetricFamily("shop_up", "Whether a part of the shop answers.", labels=("part",))
        try:
            facts = gather()
            metrics = [*_of_database(facts), *_of_runs(), *_of_orders(facts)]
        except DatabaseError:
            up.add_metric(("database",), 0)
            yield up
            return
        up.add_metric(("database",), 1)
        up.add_metric(("valkey",), int(facts.state_store is not None))
        yield up
        yield from metrics
        if facts.state_store is not None:
            yield from _of_state_store(facts.state_store)


def _of_database(facts: Facts) -> Iterator[Metric]:
    age = GaugeMetricFamily("shop_live_model_age_seconds", "Since the live model was trained.", labels=("rotation",))
    for rotation in facts.rotations:
        if rotation.trained_at is not None:
            age.add_metric((rotation.key,), (facts.now - rotation.trained_at).total_seconds())
    yield age
    oldest = (facts.now - facts.outbox_oldest_at).total_seconds() if facts.outbox_oldest_at else 0.0
    yield GaugeMetricFamily("shop_outbox_oldest_seconds", "Age of the oldest purchase in the outbox.", value=oldest)
    yield GaugeMetricFamily("shop_outbox_rows", "Purchases that wait in the outbox.", value=facts.n_outbox)
    if facts.newest_interaction_at is not None:
        newest = (facts.now - facts.newest_interaction_at).total_seconds()
        yield GaugeMetricFamily("shop_newest_interaction_age_seconds", "Age of the newest interaction.", value=newest)
    alarms = GaugeMetricFamily("shop_alarms_open", "Open alarms.", labels=("code",))
    for code, n in Alarm.objects.still_open().order_by().values_list("code").annotate(n=Count("pk")):
        alarms.add_metric((code,), n)
    yield alarms


def _of_runs() -> Iterator[Metric]:
    runs = CounterMetricFamily("shop_retrain_runs", "Retrain runs by status.", labels=("rotation", "status"))
    by_status = RetrainRun.objects.order_by().values_list("rotation_id", "status").annotate(n=Count("pk"))
    for rotation, status, n in by_status:
        runs.add_metric((rotation, status), n)
    yield runs
    failures = CounterMetricFamily("shop_retrain_failures", "Failed runs by step.", labels=("rotation", "step"))
    failed = RetrainRun.objects.filter(status=RetrainStatus.FAILED).order_by()
    for rotation, step, n in failed.values_list("rotation_id", "failure_step").annotate(n=Count("pk")):
        failures.add_metric((rotation, step), n)
    yield failures
    total = GaugeMetricFamily("shop_retrain_seconds", "How long the last run took.", labels=("rotation",))
    steps = GaugeMetricFamily("shop_retrain_step_seconds", "How long its steps took.", labels=("rotation", "step"))
    for run in _last_runs():
        if run.finished_at is not None:
            total.add_metric((run.rotation_id,), (run.finished_at - run.created_at).total_seconds())
        for step, took_s in _step_seconds(run).items():
            steps.add_metric((run.rotation_id, step), took_s)
    yield total
    yield steps


def _of_orders(facts: Facts) -> Iterator[Metric]:
    waiting = read_waiting()
    orders = GaugeMetricFamily(
        "shop_orders_under_way", "Orders that are neither complete nor over.", labels=("status",)
    )
    for status, n in waiting.n_orders.items():
        orders.add_metric((status,), n)
    yield orders
    unanswered = "Requests that the payment provider has not answered."
    yield GaugeMetricFamily("shop_payments_unanswered", unanswered, value=waiting.n_unanswered)
    oldest = (facts.now - waiting.oldest_asked_at).total_seconds() if waiting.oldest_asked_at else 0.0
    yield GaugeMetricFamily("shop_payment_oldest_seconds", "Age of the oldest of these.", value=oldest)
    declined = "Refunds that the payment provider declined and nobody asked for again."
    yield GaugeMetricFamily("shop_refunds_declined", declined, value=waiting.n_refunds_declined)
    if facts.letters is not None:
        yield from _of_letters(facts.letters, facts.now)


def _of_letters(letters: LetterFacts, now: datetime) -> Iterator[Metric]:
    yield GaugeMetricFamily("shop_letters_waiting", "Mail about orders that has not left.", value=letters.n_waiting)
    oldest = (now - letters.oldest_waiting_at).total_seconds() if letters.oldest_waiting_at else 0.0
    yield GaugeMetricFamily("shop_letter_oldest_seconds", "Age of the oldest of these.", value=oldest)
    unwritten = (now - letters.oldest_unwritten_at).total_seconds() if letters.oldest_unwritten_at else 0.0
    behind = "Since the first step of an order that nobody went through for letters."
    yield GaugeMetricFamily("shop_letters_behind_seconds", behind, value=unwritten)
    failed = GaugeMetricFamily(
        "shop_letters_failed", "Letters of the last day that stand refused or unsure.", labels=("status",)
    )
    failed.add_metric(("refused",), letters.n_refused)
    failed.add_metric(("unsure",), letters.n_unsure)
    yield failed


def _last_runs() -> list[RetrainRun]:
    succeeded = RetrainRun.objects.filter(status=RetrainStatus.SUCCEEDED)
    return list(succeeded.order_by("rotation_id", "-pk").distinct("rotation_id"))


def _step_seconds(run: RetrainRun) -> dict[str, float]:
    """From the first start of each step to its end, deaths and retries included."""
    began: dict[str, float] = {}
    took: dict[str, float] = {}
    for attempt in run.attempts.order_by("pk"):
        if attempt.event == StepAttempt.Event.STARTED:
            began.setdefault(attempt.step, attempt.at.timestamp())
        elif attempt.event == StepAttempt.Event.DONE and attempt.step in began:
            took[attempt.step] = attempt.at.timestamp() - began[attempt.step]
    return took


def _of_state_store(store: StateStoreFacts) -> Iterator[Metric]:
    yield GaugeMetricFamily("shop_stream_entries", "Entries that the event stream holds.", value=store.stream.length)
    yield GaugeMetricFamily(
        "shop_stream_dead_letters", "Entries that a group gave up on.", value=store.stream.n_dead_letters
    )
    waiting = GaugeMetricFamily("shop_stream_waiting_entries", "Entries a group has still to do.", labels=("group",))
    lag = GaugeMetricFamily("shop_stream_lag_seconds", "Age of a group's oldest unfinished entry.", labels=("group",))
    seen = GaugeMetricFamily("shop_consumer_seen_seconds", "Since a group's consumer was seen.", labels=("group",))
    for group in store.stream.groups:
        waiting.add_metric((group.name,), group.n_waiting)
        lag.add_metric((group.name,), group.lag_s)
        if group.seen_s is not None:
            seen.add_metric((group.name,), group.seen_s)
    yield from (waiting, lag, seen)
    if store.beat_silent_s is not None:
        yield GaugeMetricFamily("shop_beat_seconds", "Since a periodic task came through.", value=store.beat_silent_s)
    breakers = "Processes whose breaker was open in the last minute and a half, on any machine."
    yield GaugeMetricFamily("shop_breakers_seen_open", breakers, value=len(store.open_breakers))
