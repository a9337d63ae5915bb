"""Random histories of an experiment in the shop's own tables."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from experiments import exposures
from experiments.definitions import VariationDefinition, ensure_experiment
from experiments.exposures import Exposed
from experiments.models import Phase
from recommendations.events import ids, store
from recommendations.events.schema import Impression, ItemChanged, PageServed, Record, ServedList
from recommendations.ports import Interaction

START = datetime(2026, 5, 4, tzinfo=UTC)
DAYS = 6
SHOWN = ("most-popular", "recommended", "new-releases")
ITEMS = tuple(f"ITEM-{number:03}" for number in range(30))
DEVICES = ("phone", "desktop")


def make_phase(key: str = "history", *, plan: dict[str, object] | None = None, design: str = "ab") -> Phase:
    """A phase of an even split that began at `START`, open to everyone."""
    experiment = ensure_experiment(
        key=key,
        name=key.title(),
        flag_name=key.replace("-", "_"),
        variations=(
            VariationDefinition("control", "Old", {"rule": "trending"}, is_control=True),
            VariationDefinition("treatment", "New", {"slot": "home-recommended"}),
        ),
    )
    experiment.design = design
    experiment.save(update_fields=["design"])
    return Phase.objects.create(
        experiment=experiment,
        number=1,
        coverage_bp=10_000,
        weights_bp=[["control", 5000], ["treatment", 5000]],
        plan=plan or {"planned_units": 400, "alpha": 0.05, "primary_metric": "homepage_ctr"},
        started_at=START,
        step_started_at=START,
    )


@dataclass
class History:
    """Everything that happened to a phase's units, in no order."""

    phase_id: int
    records: list[Record] = field(default_factory=list)
    exposed: list[Exposed] = field(default_factory=list)

    def store(self, *, until: datetime | None = None, since: datetime | None = None) -> None:
        """Put what happened within a time where the shop's consumers would put it."""

        def is_inside(at: datetime) -> bool:
            return (since is None or at >= since) and (until is None or at < until)

        records = [record for record in self.records if is_inside(time_of(record))]
        for position in range(0, len(records), 5_000):
            store.store(records[position : position + 5_000])
        exposures.insert([one for one in self.exposed if is_inside(one.at)])


def time_of(record: Record) -> datetime:
    """When a record's fact was."""
    match record:
        case Interaction():
            return record.occurred_at
        case Impression():
            return record.seen_at
        case ServedList() | PageServed():
            return record.served_at
        case ItemChanged():
            return record.received_at
        case _:
            return record.at


def make_history(phase: Phase, *, seed: int, n_units: int = 60, days: int = DAYS) -> History:
    """A random history: shoppers who come a heavy-tailed number of times, with a past, crossovers and forced looks.

    Both variations behave alike (A/A).

    Args:
        phase: whose units.
        seed: the same gives the same, but for ids.
        n_units: shoppers.
        days: first looks are spread over so many days from the start.
    """
    rng = random.Random(seed)
    history = History(phase.pk)
    for number in range(n_units):
        unit, first_at = f"u{seed:04}-{number:06}", START + timedelta(days=days * rng.random())
        variation = rng.choice(("control", "treatment"))
        history.records += _past(rng, unit, first_at)
        attributes = {"device": rng.choice(DEVICES), "signed_in": rng.choice(("yes", "no"))}
        exposed = Exposed(unit, phase.pk, variation, first_at, is_triggered=rng.random() < 0.7, attributes=attributes)
        history.exposed.append(exposed)
        if rng.random() < 0.05:
            other = "control" if variation == "treatment" else "treatment"
            history.exposed.append(replace(exposed, variation=other, at=first_at + timedelta(hours=5)))
        if rng.random() < 0.05:
            forced = replace(exposed, is_forced=True, variation="treatment", at=first_at - timedelta(hours=5))
            history.exposed.append(forced)
        for view in range(min(30, int(rng.paretovariate(1.1)))):
            at = first_at + timedelta(hours=20 * view * rng.random()) + timedelta(milliseconds=20)
            history.records += _view(rng, unit, variation, phase.pk, at)
    return history


def _past(rng: random.Random, unit: str, first_at: datetime) -> Iterator[Record]:
    for _ in range(rng.randrange(4)):
        at = first_at - timedelta(days=40 * rng.random())
        kind = rng.choice(("product_view", "purchase"))
        yield _interaction(unit, kind, rng.choice(ITEMS), at, 80.0 * rng.random() if kind == "purchase" else None)


def _view(rng: random.Random, unit: str, variation: str, phase_id: int, at: datetime) -> Iterator[Record]:
    page_view_id = ids.uuid7(at)
    status = 500 if rng.random() < 0.05 else 200
    took_ms = rng.lognormvariate(4.0, 1.5)
    yield PageServed(page_view_id, unit, "s", "home", status, took_ms, phase_id, variation, at)
    if status >= 500:
        return
    for row in SHOWN:
        is_tested = row == "recommended"
        listed = ServedList(
            recommendation_id=ids.uuid7(at),
            shopper_key=unit,
            session_id="s",
            page_view_id=page_view_id,
            row=row,
            rung="popular" if rng.random() < 0.2 else "personal",
            item_ids=tuple(rng.sample(ITEMS, 5)),
            served_at=at,
            rotation="home" if is_tested else "",
            phase_id=phase_id if is_tested else None,
            variation=variation if is_tested else "",
            took_ms=rng.lognormvariate(3.0, 0.5),
            error="backend_unavailable" if is_tested and rng.random() < 0.1 else "",
            teams="AB-AB" if is_tested else "",
        )
        yield listed
        yield from _looked_at(rng, unit, listed, at)


def _looked_at(rng: random.Random, unit: str, listed: ServedList, at: datetime) -> Iterator[Record]:
    for rank in range(1, rng.randrange(7)):
        if rank <= len(listed.item_ids):
            seen_at = at + timedelta(seconds=rank)
            identifier = ids.derived(at, listed.recommendation_id.hex, str(rank))
            yield Impression(identifier, listed.recommendation_id, listed.page_view_id, unit, rank, seen_at)
    if rng.random() > 0.4:
        return
    item = rng.choice(listed.item_ids)
    # Some click a day and a half later, on a page that stayed open.
    clicked_at = at + (timedelta(hours=36) if rng.random() < 0.1 else timedelta(minutes=3))
    click = _interaction(unit, "row_click", item, at, None, recommendation_id=listed.recommendation_id)
    yield replace(click, occurred_at=clicked_at, received_at=clicked_at)
    yield _interaction(unit, "product_view", item, clicked_at, None)
    if rng.random() < 0.5:
        bought_at = clicked_at + timedelta(days=10 * rng.random() ** 2)
        worth = rng.lognormvariate(4.0, 1.2)
        yield _interaction(unit, "purchase", item, bought_at, worth)
        if int(worth * 100) % 5 == 0:
            yield _interaction(unit, "return", item, bought_at + timedelta(days=worth % 6), worth)


def _interaction(
    unit: str, kind: str, item: str, at: datetime, value: float | None, *, recommendation_id: UUID | None = None
) -> Interaction:
    return Interaction(ids.uuid7(at), unit, "s", item, kind, at, at, value, recommendation_id)
