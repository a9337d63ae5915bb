"""Random histories of an experiment in the shop's own tables, and what must come of them, computed row by row."""

import random
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from catalog.conf import FEE_SHARE
from experiments import exposures
from experiments.definitions import VariationDefinition, ensure_experiment
from experiments.exposures import Exposed
from experiments.metrics import COVARIATE_DAYS, MetricDefinition
from experiments.models import Phase
from experiments.stats import Arm
from recommendations.events import ids, store
from recommendations.events.schema import Impression, PageServed, Record, ServedList
from recommendations.ports import Interaction
from storefront.measuring.branches import CLICK_COUNTS_FOR, LATENCY_CAP_MS, LIST_COUNTS_FOR
from storefront.measuring.facts import ROWS

START = datetime(2026, 5, 4, tzinfo=UTC)
DAYS = 6
SHOWN = ("most-popular", "recommended", "new-releases")
ITEMS = tuple(f"ITEM-{number:03}" for number in range(30))
DEVICES = ("phone", "desktop")

# A unit's fact: when, which, how much.
Happening = tuple[datetime, str, float]


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
        yield _interaction(unit, "purchase", item, bought_at, rng.lognormvariate(4.0, 1.2))


def _interaction(
    unit: str, kind: str, item: str, at: datetime, value: float | None, *, recommendation_id: UUID | None = None
) -> Interaction:
    return Interaction(ids.uuid7(at), unit, "s", item, kind, at, at, value, recommendation_id)


def expect_arms(
    history: History, metrics: Iterable[MetricDefinition], *, now: datetime, links: dict[str, str] | None = None
) -> dict[str, dict[str, Arm]]:
    """Each metric's arms by variation, computed in plain Python from the very records; x is the denominator."""
    return {metric.key: arms for metric, (arms, _) in _expect(history, metrics, now, links or {})}


def expect_covariates(
    history: History, metrics: Iterable[MetricDefinition], *, now: datetime, links: dict[str, str] | None = None
) -> dict[str, dict[str, Arm]]:
    """The same with the covariate as x, of the metrics that have one."""
    return {metric.key: arms for metric, (_, arms) in _expect(history, metrics, now, links or {}) if metric.covariate}


def _expect(
    history: History, metrics: Iterable[MetricDefinition], now: datetime, links: dict[str, str]
) -> Iterator[tuple[MetricDefinition, tuple[dict[str, Arm], dict[str, Arm]]]]:
    units = _find_units(history, now, links)
    happenings: dict[str, list[Happening]] = defaultdict(list)
    for unit, one in _tell(history, now):
        happenings[links.get(unit, unit)].append(one)
    for metric in metrics:
        columns: dict[str, list[tuple[float, float, float]]] = {"control": [], "treatment": []}
        for unit, (variation, first_at) in units.items():
            columns[variation].append(_measure(metric, happenings[unit], first_at))
        arms = {
            key: Arm.from_values([row[0] for row in rows], [row[1] for row in rows]) for key, rows in columns.items()
        }
        before = {
            key: Arm.from_values([y for y, _, _ in rows], [c for _, _, c in rows]) for key, rows in columns.items()
        }
        yield metric, (arms, before)


def _find_units(history: History, now: datetime, links: dict[str, str]) -> dict[str, tuple[str, datetime]]:
    """Variation and first exposure of each analysed unit."""
    seen: dict[str, list[Exposed]] = defaultdict(list)
    for one in history.exposed:
        if not one.is_forced and one.at < now:
            seen[links.get(one.unit, one.unit)].append(one)
    return {
        unit: (all_of[0].variation, min(one.at for one in all_of))
        for unit, all_of in seen.items()
        if len({one.variation for one in all_of}) == 1
    }


def _measure(metric: MetricDefinition, happened: list[Happening], first_at: datetime) -> tuple[float, float, float]:
    def total(fact: str, since: datetime, until: datetime) -> float:
        return sum(value for at, name, value in happened if name == fact and since <= at < until)

    end_at = first_at + timedelta(days=metric.window_days)
    y = total(metric.numerator, first_at, end_at)
    if metric.kind == "proportion":
        y = 1.0 if y > 0 else 0.0
    elif metric.cap is not None:
        y = min(y, metric.cap)
    x = total(metric.denominator, first_at, end_at) if metric.denominator else 0.0
    before = total(metric.covariate, first_at - timedelta(days=COVARIATE_DAYS), first_at) if metric.covariate else 0.0
    return y, x, before


def _tell(history: History, now: datetime) -> Iterator[tuple[str, Happening]]:
    lists = {record.recommendation_id: record for record in history.records if isinstance(record, ServedList)}
    clicks = [one for one in history.records if isinstance(one, Interaction) and one.event_type == "row_click"]
    for record in history.records:
        at = time_of(record)
        if at >= now:
            continue
        match record:
            case Interaction():
                facts = [*_of_interaction(record, lists, clicks, history.phase_id)]
            case Impression():
                facts = _by_row("items_seen", lists[record.recommendation_id], 1.0, history.phase_id)
            case ServedList():
                facts = _by_row("items_served", record, float(len(record.item_ids)), history.phase_id)
            case PageServed():
                facts = _of_page(record)
            case _:
                facts = []
        for name, value in facts:
            yield record.shopper_key, (at, name, value)  # type: ignore[union-attr]


def _of_interaction(
    one: Interaction, lists: dict[UUID, ServedList], clicks: list[Interaction], phase_id: int
) -> Iterator[tuple[str, float]]:
    yield f"events:{one.event_type}", 1.0
    if one.event_type == "row_click" and one.recommendation_id is not None:
        listed = lists[one.recommendation_id]
        yield from _by_row("row_clicks", listed, 1.0, phase_id)
        yield "row_clicks", 1.0
        team = listed.teams[listed.item_ids.index(one.item_id)] if listed.teams else "-"
        if team != "-":
            yield f"team_clicks:{team.lower()}", 1.0
    if one.event_type == "purchase":
        value = one.event_value or 0.0
        yield "value:purchase", value
        yield "fees", value * FEE_SHARE
        listed_by = _ascribe(one, lists, clicks)
        if listed_by is not None:
            yield from _by_row("bought", listed_by, 1.0, phase_id)
            yield from _by_row("attributed_fees", listed_by, value * FEE_SHARE, phase_id)


def _ascribe(bought: Interaction, lists: dict[UUID, ServedList], clicks: list[Interaction]) -> ServedList | None:
    led = [
        click
        for click in clicks
        if click.shopper_key == bought.shopper_key
        and click.item_id == bought.item_id
        and bought.occurred_at - CLICK_COUNTS_FOR < click.occurred_at <= bought.occurred_at
    ]
    if not led:
        return None
    last = max(led, key=lambda click: click.occurred_at)
    assert last.recommendation_id is not None
    listed = lists[last.recommendation_id]
    return listed if last.occurred_at < listed.served_at + LIST_COUNTS_FOR else None


def _by_row(name: str, listed: ServedList, value: float, phase_id: int) -> list[tuple[str, float]]:
    found = [(f"{name}:{listed.row}", value)] if listed.row in ROWS else []
    if listed.phase_id == phase_id:
        return [*found, (f"{name}:tested", value)]
    return [*found, (f"{name}:others", value)] if listed.row in ROWS else found


def _of_page(page: PageServed) -> list[tuple[str, float]]:
    if page.status >= 500:
        return [("pages", 1.0), ("page_errors", 1.0)]
    return [("pages", 1.0), ("home_views", 1.0), ("home_ms", min(page.took_ms, LATENCY_CAP_MS))]
