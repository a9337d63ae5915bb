"""Every alarm is raised by what it is there for, once, and clears when that has ended."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import transaction
from pytest_django import Settings
from redis import Redis

from catalog.models import ProductChange
from recommendations import conf
from recommendations.adapters import registry
from recommendations.alarms import gathering, watch
from recommendations.alarms.facts import Bounds, LetterFacts, MoneyFacts, RampFacts
from recommendations.alarms.gathering import BEAT
from recommendations.alarms.kinds import KINDS
from recommendations.events import changes, outbox, pulse, store
from recommendations.events.dead_letters import DeadLetters
from recommendations.events.partitions import ensure_current
from recommendations.events.stream import GROUPS, all_groups
from recommendations.events.valkey_stream import ValkeyStream
from recommendations.exceptions import BackendThrottled
from recommendations.models import Alarm, Deployment
from recommendations.pipeline.states import RetrainStatus
from recommendations.ports import Shopper
from recommendations.serving import breaker
from recommendations.serving.recommend import recommended_for_you
from storefront.clock import Clock
from tests.factories.catalog import make_product, make_product_for_sale
from tests.factories.events import make_interaction
from tests.factories.retraining import advance_to, make_past, retrain
from tests.fakes.runtime import FakeRuntime, backend_of
from tests.recommendations.alarms.conftest import Pass, look_twice, make_live_campaign, move, raised

PROJECT = Path(__file__).resolve().parents[3]
SHOPPER = Shopper("a" * 32, "s" * 16)

pytestmark = pytest.mark.django_db


def fail_answers(monkeypatch: pytest.MonkeyPatch, n: int) -> None:
    """A recommender that refuses, asked by `n` pages."""
    make_product_for_sale()
    monkeypatch.setitem(registry.BACKENDS, "fake", backend_of(FakeRuntime(error=BackendThrottled("slower"))))
    make_live_campaign("fake")
    for _ in range(n):
        recommended_for_you(SHOPPER, rotation="home", k=4)
    pulse.report()


@contextmanager
def consumer_of(group: str) -> Iterator["subprocess.Popen[str]"]:
    """A consumer in a process of its own, that has begun to read."""
    code = (
        "import django; django.setup()\n"
        "import threading\n"
        "from recommendations.events.consumer import Consumer\n"
        "from recommendations.events.valkey_stream import ValkeyStream\n"
        "print('reads', flush=True)\n"
        f"Consumer(ValkeyStream.of_settings(), {group!r}, lambda records: None, stop=threading.Event()).run()\n"
    )
    with subprocess.Popen([sys.executable, "-c", code], cwd=PROJECT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        process.stdout.readline()
        yield process
        process.kill()


@pytest.mark.usefixtures("shop_runs")
def test_shop_that_runs_raises_nothing(let_pass: Pass) -> None:
    make_live_campaign()

    look_twice(let_pass)

    assert list(Alarm.objects.values_list("code", flat=True)) == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("shop_runs", "calm_world")
def test_failed_retrain_raises_until_one_succeeds() -> None:
    run = advance_to(RetrainStatus.FAILED)

    watch.look(patience_s=0)

    (alarm,) = Alarm.objects.filter(code="run_failed")
    assert (alarm.subject, alarm.facts) == ("home", {"retrain_run": run.pk, "step": run.failure_step})
    assert run.failure_reason in alarm.detail
    make_past()
    retrain()
    for _ in range(watch.CLEAR_AFTER_LOOKS):
        watch.look(patience_s=0)
    assert raised("run_failed") == []


@pytest.mark.usefixtures("shop_runs")
def test_live_model_older_than_a_day_and_a_half_raises(clock: Clock) -> None:
    make_live_campaign()
    move(clock, timedelta(hours=35.9))
    watch.look(patience_s=0)
    assert raised("model_old") == []

    move(clock, timedelta(hours=0.2))
    watch.look(patience_s=0)

    assert raised("model_old") == ["home"]
    Deployment.objects.update(trained_at=conf.now())
    for _ in range(watch.CLEAR_AFTER_LOOKS):
        watch.look(patience_s=0)
    assert raised("model_old") == []


@pytest.mark.usefixtures("shop_runs")
def test_open_breaker_of_a_page_process_raises_and_clears_once_it_is_closed(
    monkeypatch: pytest.MonkeyPatch, let_pass: Pass
) -> None:
    fail_answers(monkeypatch, breaker.OPEN_AFTER_FAILURES)

    watch.look(patience_s=0)

    assert raised("breaker_open") == [""]
    breaker.reset()
    let_pass(pulse.BREAKER_SEEN_WITHIN_S + 1)
    pulse.report()
    look_twice(let_pass)
    assert raised("breaker_open") == []


@pytest.mark.usefixtures("shop_runs")
def test_many_personal_rows_from_lower_rungs_raise(monkeypatch: pytest.MonkeyPatch, let_pass: Pass) -> None:
    fail_answers(monkeypatch, Bounds().fallback_n_asked - 1)
    watch.look(patience_s=0)
    assert raised("fallback_share") == []

    recommended_for_you(SHOPPER, rotation="home", k=4)
    pulse.report()
    watch.look(patience_s=0)

    assert raised("fallback_share") == [""]
    let_pass(11 * 60)
    look_twice(let_pass)
    assert raised("fallback_share") == []


def test_events_that_wait_long_in_the_stream_raise_for_the_group_that_is_behind(
    shop_runs: ValkeyStream, let_pass: Pass
) -> None:
    shop_runs.append([b"[]", b"[]"])
    for group in all_groups()[1:]:
        shop_runs.commit(group, shop_runs.read(group, "elsewhere-1", count=10, wait_ms=1).checkpoint)
    let_pass(Bounds().lag_s + 1)

    look_twice(let_pass)

    assert raised("stream_lag") == [GROUPS[0]]
    shop_runs.commit(GROUPS[0], shop_runs.read(GROUPS[0], "elsewhere-1", count=10, wait_ms=1).checkpoint)
    look_twice(let_pass)
    assert raised("stream_lag") == []


def test_entries_that_were_given_up_on_raise_until_somebody_looked_after_them(
    shop_runs: ValkeyStream, let_pass: Pass
) -> None:
    shop_runs.append([b"[]"])
    (entry,) = shop_runs.read(GROUPS[0], "elsewhere-1", count=10, wait_ms=1)
    shop_runs.bury(GROUPS[0], entry, "planted")

    watch.look(patience_s=0)

    assert raised("events_given_up") == [""]
    DeadLetters.of_settings().discard()
    look_twice(let_pass)
    assert raised("events_given_up") == []


def test_killed_consumer_raises_for_its_group_and_a_new_one_clears_it(
    valkey: Redis, let_pass: Pass, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A consumer that runs may be kept from the processor for a while; one that is dead is silent for good.
    silent_s = [30.0]
    monkeypatch.setattr(watch, "bounds", lambda: replace(Bounds(), consumer_silent_s=silent_s[0], beat_silent_s=1e9))
    stream = ValkeyStream.of_settings()
    stream.ensure_groups()
    with consumer_of("store") as process:
        _wait_for(lambda: stream.seen_s("store") is not None)
        look_twice(let_pass)
        assert "store" not in raised("consumer_dead")
        process.kill()
    _wait_for(lambda: (stream.seen_s("store") or 0.0) > 1.0)

    silent_s[0] = 1.0
    look_twice(let_pass)

    assert "store" in raised("consumer_dead")
    with consumer_of("store"):
        _wait_for(lambda: (stream.seen_s("store") or 9.0) < 1.0)
        silent_s[0] = 30.0
        look_twice(let_pass)
        assert "store" not in raised("consumer_dead")


@pytest.mark.usefixtures("shop_runs")
def test_purchase_that_nobody_relays_raises_until_it_is_relayed(clock: Clock, let_pass: Pass) -> None:
    bought = outbox.deed_of(SHOPPER, "purchase", key="1", item_id="TEST-1", price=9.0, at=conf.now())
    with transaction.atomic():
        outbox.add(bought)
    move(clock, timedelta(seconds=61))

    look_twice(let_pass)

    assert raised("outbox_stuck") == [""]
    outbox.relay()
    look_twice(let_pass)
    assert raised("outbox_stuck") == []


@pytest.mark.usefixtures("shop_runs")
def test_change_that_nobody_relays_raises_until_it_is_relayed(let_pass: Pass) -> None:
    make_product()
    (number,) = ProductChange.objects.values_list("pk", flat=True)

    look_twice(let_pass)

    assert raised("changes_stuck") == [str(number)]
    changes.relay()
    look_twice(let_pass)
    assert raised("changes_stuck") == []


@pytest.mark.usefixtures("shop_runs")
def test_changes_that_come_and_go_raise_nothing(let_pass: Pass) -> None:
    for _ in range(3):
        make_product()
        watch.look(patience_s=0)
        let_pass(60)
        changes.relay()

    assert raised("changes_stuck") == []


@pytest.mark.usefixtures("shop_runs")
def test_silent_beat_raises_and_its_next_beat_clears(let_pass: Pass) -> None:
    let_pass(Bounds().beat_silent_s + 1)
    look_twice(let_pass)
    assert raised("beat_silent") == []

    let_pass(60)
    watch.look(patience_s=0)

    assert raised("beat_silent") == [""]
    pulse.beat(BEAT)
    look_twice(let_pass)
    assert raised("beat_silent") == []


@pytest.mark.usefixtures("valkey")
def test_valkey_out_of_reach_raises_and_says_nothing_of_what_it_alone_knows(settings: Settings, tmp_path: Path) -> None:
    url, settings.STATE_URL = settings.STATE_URL, f"unix://{tmp_path}/nobody.sock"

    watch.look(patience_s=0.01)

    assert list(Alarm.objects.values_list("code", flat=True)) == ["state_store_down"]
    settings.STATE_URL = url
    for _ in range(watch.CLEAR_AFTER_LOOKS):
        watch.look(patience_s=0)
    assert raised("state_store_down") == []


@pytest.mark.usefixtures("shop_runs")
def test_store_without_a_new_interaction_for_a_day_raises(clock: Clock) -> None:
    ensure_current()
    store.store([make_interaction()])
    move(clock, timedelta(hours=24.1))

    watch.look(patience_s=0)

    assert raised("data_stale") == [""]
    ensure_current()
    store.store([make_interaction(occurred_at=conf.now())])
    for _ in range(watch.CLEAR_AFTER_LOOKS):
        watch.look(patience_s=0)
    assert raised("data_stale") == []


@pytest.mark.usefixtures("shop_runs")
@pytest.mark.parametrize(("is_rolled_back", "code"), [(True, "ramp_rolled_back"), (False, "ramp_held")])
def test_stopped_ramp_is_told_until_somebody_moves_it(
    monkeypatch: pytest.MonkeyPatch,
    is_rolled_back: bool,
    code: str,
) -> None:
    stopped = [RampFacts("rfy", is_rolled_back, "Orders fell by 9%; 2% is allowed.", conf.now())]
    monkeypatch.setattr(gathering, "_ask_ramps", lambda: stopped)

    watch.look(patience_s=0)
    found = raised(code)
    stopped.clear()
    for _ in range(watch.CLEAR_AFTER_LOOKS):
        watch.look(patience_s=0)

    assert found == ["rfy"]
    assert raised(code) == []


@pytest.mark.usefixtures("shop_runs")
@pytest.mark.parametrize(("n_unanswered", "code"), [(2, "payments_unanswered"), (0, "refunds_declined")])
def test_money_that_waits_is_told_until_it_has_its_answer(
    monkeypatch: pytest.MonkeyPatch,
    n_unanswered: int,
    code: str,
) -> None:
    asked_at = conf.now() - timedelta(hours=1)
    waiting = [MoneyFacts(n_unanswered, asked_at if n_unanswered else None, 0 if n_unanswered else 1)]
    monkeypatch.setattr(gathering, "_ask_money", lambda: waiting[0])

    watch.look(patience_s=0)
    found = raised(code)
    waiting[0] = MoneyFacts(0, None, 0)
    for _ in range(watch.CLEAR_AFTER_LOOKS):
        watch.look(patience_s=0)

    assert found == [""]
    assert raised(code) == []


@pytest.mark.usefixtures("shop_runs")
@pytest.mark.parametrize(("n_waiting", "code"), [(2, "letters_waiting"), (0, "letters_failed")])
def test_mail_that_does_not_arrive_is_told_until_it_does(
    monkeypatch: pytest.MonkeyPatch,
    let_pass: Pass,
    n_waiting: int,
    code: str,
) -> None:
    written_at = conf.now() - timedelta(hours=2)
    standing = [LetterFacts(n_waiting, written_at) if n_waiting else LetterFacts(n_unsure=1)]
    monkeypatch.setattr(gathering, "_ask_letters", lambda: standing[0])

    look_twice(let_pass)
    found = raised(code)
    standing[0] = LetterFacts()
    look_twice(let_pass)

    assert found == [""]
    assert raised(code) == []


@pytest.mark.usefixtures("shop_runs")
def test_alarm_is_raised_once_and_again_only_after_it_has_ended(clock: Clock) -> None:
    make_live_campaign()
    move(clock, timedelta(hours=40))

    n_raised = [len(watch.look(patience_s=0).raised) for _ in range(3)]
    Deployment.objects.update(trained_at=conf.now())
    n_cleared = [len(watch.look(patience_s=0).cleared) for _ in range(3)]
    move(clock, timedelta(hours=40))
    n_again = len(watch.look(patience_s=0).raised)

    assert (n_raised, n_cleared, n_again) == ([1, 0, 0], [0, 1, 0], 1)
    assert Alarm.objects.filter(code="model_old").count() == 2


@pytest.mark.usefixtures("shop_runs")
def test_alarm_whose_condition_comes_and_goes_stays_one(clock: Clock) -> None:
    make_live_campaign()
    for hours in (40, 0, 40, 0, 40):
        Deployment.objects.update(trained_at=conf.now() - timedelta(hours=hours))
        watch.look(patience_s=0)

    assert Alarm.objects.filter(code="model_old").count() == 1


@pytest.mark.usefixtures("valkey")
def test_shop_that_starts_up_raises_nothing_for_consumers_that_are_not_there_yet() -> None:
    watch.look(patience_s=0)

    assert raised("consumer_dead") == []


def test_every_alarm_has_a_test_that_causes_it() -> None:
    source = Path(__file__).read_text()

    assert [code for code in KINDS if f'"{code}"' not in source] == []


def _wait_for(condition: Callable[[], bool]) -> None:
    give_up_at = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < give_up_at
        time.sleep(0.05)
