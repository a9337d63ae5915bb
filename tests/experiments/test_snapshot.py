import logging
import threading
import time
from datetime import UTC, datetime, timedelta

import pytest
from django.db import OperationalError
from pytest_django.fixtures import Settings

from experiments import snapshot, switches
from experiments.assignment import Reason, assign
from experiments.definitions import ensure_experiment
from experiments.eligibility import NEVER, Rule
from experiments.models import Experiment, Flag, Holdout, Layer, Status
from experiments.snapshot import SnapshotStore, load_snapshot
from experiments.states import EMPTY, HoldoutState, LayerState, Snapshot
from tests.experiments.conftest import FLAG, KEY, VARIATIONS
from tests.quickness import quickest_s


class FakeLoader:
    """Stands for the database: counts readings, and fails while told to."""

    def __init__(self) -> None:
        self.n_calls = 0
        self.is_down = False
        self.delay_s = 0.0
        self.has_begun, self.may_end = threading.Event(), threading.Event()
        self.may_end.set()

    def __call__(self) -> Snapshot:
        self.n_calls += 1
        self.has_begun.set()
        time.sleep(self.delay_s)
        self.may_end.wait(60)
        if self.is_down:
            raise OperationalError("the server closed the connection")
        return Snapshot(flags={}, experiments={})

    def hang_in(self, store: SnapshotStore) -> threading.Thread:
        """A thread that reads the store, and by now hangs in loading it."""
        self.has_begun.clear()
        self.may_end.clear()
        reading = threading.Thread(target=store.get)
        reading.start()
        assert self.has_begun.wait(60)
        return reading


@pytest.fixture
def loader(monkeypatch: pytest.MonkeyPatch) -> FakeLoader:
    fake = FakeLoader()
    monkeypatch.setattr(snapshot, "load_snapshot", fake)
    return fake


@pytest.fixture
def elapsed(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Seconds since the start, set by hand."""
    now_s = [100.0]
    monkeypatch.setattr("experiments.snapshot.time.monotonic", lambda: now_s[0])
    return now_s


def test_store_reloads_only_after_two_seconds(loader: FakeLoader, elapsed: list[float]) -> None:
    store = SnapshotStore()

    first = store.get()
    elapsed[0] += 1.9
    second = store.get()
    elapsed[0] += 0.2
    third = store.get()

    assert first is second
    assert third is not first
    assert loader.n_calls == 2


def test_store_serves_the_old_snapshot_while_the_database_is_down(
    loader: FakeLoader, elapsed: list[float], caplog: pytest.LogCaptureFixture
) -> None:
    store = SnapshotStore()
    known = store.get()
    loader.is_down = True

    with caplog.at_level(logging.INFO, logger="experiments.snapshot"):
        for _ in range(5):
            elapsed[0] += 3
            assert store.get() is known
        loader.is_down = False
        elapsed[0] += 3
        recovered = store.get()

    assert recovered is not known
    assert [record.levelname for record in caplog.records] == ["WARNING", "INFO"]


def test_store_is_empty_before_the_first_load_and_asks_once_in_two_seconds(
    loader: FakeLoader, elapsed: list[float]
) -> None:
    loader.is_down = True
    store = SnapshotStore()

    found = [store.get() for _ in range(10)]

    assert found == [EMPTY] * 10
    assert loader.n_calls == 1


def test_store_expired_reloads_at_once(loader: FakeLoader) -> None:
    store = SnapshotStore()
    store.get()

    store.expire()
    store.get()

    assert loader.n_calls == 2


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever waits for another thread's load waits for it, and not for the clock."""
    monkeypatch.setattr(snapshot, "LOAD_WAIT_S", 600.0)


def read_in_threads(store: SnapshotStore, n: int) -> list[Snapshot]:
    """What so many threads find at once; those that still wait have found nothing."""
    found: list[Snapshot] = []
    threads = [threading.Thread(target=lambda: found.append(store.get()), daemon=True) for _ in range(n)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return found


@pytest.mark.usefixtures("patient")
def test_store_reloads_in_one_thread_while_the_others_read_on(loader: FakeLoader) -> None:
    store = SnapshotStore()
    known = store.get()
    store.expire()
    loading = loader.hang_in(store)
    store.expire()

    found = read_in_threads(store, 7)

    assert loading.is_alive()
    loader.may_end.set()
    loading.join()
    assert found == [known] * 7
    assert loader.n_calls == 2
    assert store.get() is not known


@pytest.mark.usefixtures("patient")
def test_store_makes_readers_wait_where_the_snapshot_is_old(loader: FakeLoader, elapsed: list[float]) -> None:
    store = SnapshotStore()
    known = store.get()
    loader.delay_s = 0.3
    elapsed[0] += 3600

    found = read_in_threads(store, 4)

    assert loader.n_calls == 2
    assert len(found) == 4
    assert all(one is not known for one in found)


@pytest.mark.usefixtures("patient")
def test_store_waits_for_nobody_while_the_database_hangs(loader: FakeLoader, elapsed: list[float]) -> None:
    store = SnapshotStore()
    known = store.get()
    loader.is_down = True
    elapsed[0] += 3600
    store.get()
    elapsed[0] += 3
    hanging = loader.hang_in(store)
    elapsed[0] += 3

    found = read_in_threads(store, 1)

    assert hanging.is_alive()
    loader.may_end.set()
    hanging.join()
    assert found == [known]


@pytest.mark.usefixtures("patient", "elapsed")
def test_store_makes_first_readers_wait_for_the_first_load(loader: FakeLoader) -> None:
    store = SnapshotStore()
    loader.delay_s = 0.2

    found = read_in_threads(store, 4)

    assert loader.n_calls == 1
    assert len(found) == 4
    assert all(one is found[0] and one is not EMPTY for one in found)


def test_load_snapshot_holds_flags_experiments_and_the_open_phase(running: Experiment) -> None:
    Flag.objects.create(name="plain")

    found = load_snapshot()

    assert set(found.flags) == {FLAG, "plain"}
    assert found.flags["plain"].experiment is None
    experiment = found.experiments[KEY].experiment
    assert experiment is not None
    assert experiment.phase is not None
    assert (experiment.phase.number, experiment.phase.coverage_bp) == (1, 6000)
    assert experiment.phase.weights_bp == (("control", 5000), ("treatment", 5000))


def test_load_snapshot_turns_off_a_phase_that_cannot_decide(
    experiment: Experiment, caplog: pytest.LogCaptureFixture
) -> None:
    experiment.phases.create(number=1, coverage_bp=10_000, weights_bp=[["control", 100]])

    found = load_snapshot().experiments[KEY].experiment

    assert found is not None
    assert found.phase is None
    assert "do not fit" in caplog.text


def test_load_snapshot_holds_who_may_take_part(experiment: Experiment) -> None:
    layer = Layer.objects.create(key="home", name="Homepage")
    experiment.layer, experiment.layer_start, experiment.layer_stop = layer, 1000, 4000
    experiment.eligibility = [{"attribute": "device", "is": ["phone"]}]
    experiment.save()
    Flag.objects.create(name="plain")

    found = load_snapshot().experiments[KEY].experiment

    assert found is not None
    assert found.layer == LayerState("home", layer.salt, 1000, 4000)
    assert found.rules == (Rule("device", frozenset({"phone"})),)


def test_load_snapshot_holds_the_holdouts_of_this_moment(experiment: Experiment, settings: Settings) -> None:
    noon = datetime(2026, 3, 2, 12, tzinfo=UTC)
    settings.CLOCK = lambda: noon
    hour = timedelta(hours=1)
    for key, starts_at, ends_at in (
        ("over", noon - 2 * hour, noon),
        ("now", noon, noon + hour),
        ("open", noon - hour, None),
        ("later", noon + hour, noon + 2 * hour),
    ):
        Holdout.objects.create(key=key, name=key, share_bp=500, starts_at=starts_at, ends_at=ends_at)

    found = load_snapshot().holdouts

    assert [holdout.key for holdout in found] == ["now", "open"]
    assert found[0] == HoldoutState("now", Holdout.objects.get(key="now").salt, 500)


def test_load_snapshot_lets_nobody_in_by_rules_it_cannot_read(
    experiment: Experiment, caplog: pytest.LogCaptureFixture
) -> None:
    Experiment.objects.update(eligibility=[{"attribute": "device"}])

    found = load_snapshot().experiments[KEY].experiment

    assert found is not None
    assert found.rules == NEVER
    assert "nobody is eligible" in caplog.text


def test_load_snapshot_shows_no_scheduled_phase(experiment: Experiment) -> None:
    experiment.phases.create(number=1, coverage_bp=10_000, weights_bp=[["control", 5000], ["treatment", 5000]])
    Experiment.objects.update(status=Status.SCHEDULED)

    found = load_snapshot().experiments[KEY].experiment

    assert found is not None
    assert found.phase is None


def test_assign_survives_a_database_that_is_down(running: Experiment, monkeypatch: pytest.MonkeyPatch) -> None:
    before = [assign(KEY, f"shopper-{number}") for number in range(50)]
    monkeypatch.setattr(Flag.objects, "using", lambda *_: (_ for _ in ()).throw(OperationalError("down")))
    snapshot.expire_snapshot()

    after = [assign(KEY, f"shopper-{number}") for number in range(50)]

    assert after == before
    # The caller's transaction is still of use.
    assert Experiment.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_kill_switch_reaches_another_process_within_five_seconds() -> None:
    ensure_experiment(key=KEY, name="Recommended For You", flag_name=FLAG, variations=VARIATIONS)
    # Only this process's store hears of the commit; a store of its own stands for another process.
    elsewhere = SnapshotStore()

    def seconds_until_there(*, is_on: bool) -> float:
        began_s = time.monotonic()
        while bool(elsewhere.get().flags[FLAG].everyone) is not is_on:
            assert time.monotonic() - began_s < 60, "the switch is not seen"
            time.sleep(0.02)
        return time.monotonic() - began_s

    def switch_off_once_more() -> float:
        switches.ship(KEY, actor="ann", reason="demo")
        seconds_until_there(is_on=True)
        switches.roll_back(KEY, actor="ann", reason="errors")
        return seconds_until_there(is_on=False)

    assert quickest_s(switch_off_once_more, enough_s=5) < 5
    assert assign(KEY, "shopper-1").reason == Reason.OFF


@pytest.mark.django_db(transaction=True)
def test_kill_switch_acts_at_once_in_its_own_process() -> None:
    ensure_experiment(key=KEY, name="Recommended For You", flag_name=FLAG, variations=VARIATIONS)
    switches.ship(KEY, actor="ann", reason="demo")
    assert assign(KEY, "shopper-1").reason == Reason.SHIPPED

    switches.roll_back(KEY, actor="ann", reason="errors")

    assert assign(KEY, "shopper-1").reason == Reason.OFF


def test_no_cache_is_touched(running: Experiment, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("waffle.models.get_cache", lambda: pytest.fail("a cache was asked"))
    monkeypatch.setattr("waffle.managers.get_cache", lambda: pytest.fail("a cache was asked"))

    flag = Flag.objects.create(name="another")
    flag.everyone = False
    flag.save()
    switches.roll_back(KEY, actor="ann", reason="errors")
    snapshot.reset_snapshot()

    assert Flag.get(FLAG).everyone is False
    assert {flag.name for flag in Flag.get_all()} == {FLAG, "another"}
    assert not Flag.get("missing").pk
