"""What must come of a history, computed in plain Python from its very records: an oracle for the analysis in SQL."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from uuid import UUID

from catalog import conf
from experiments.exposures import Exposed
from experiments.metrics import COVARIATE_DAYS, MetricDefinition
from experiments.stats import Arm
from recommendations.events.schema import Impression, PageServed, ServedList
from recommendations.ports import Interaction
from storefront.measuring.branches import CLICK_COUNTS_FOR, LATENCY_CAP_MS, LIST_COUNTS_FOR
from storefront.measuring.facts import ROWS
from tests.factories.histories import History, time_of

# A unit's fact: when, which, how much.
Happening = tuple[datetime, str, float]


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


def expect_wins(history: History, *, now: datetime) -> tuple[int, int, int]:
    """Units that clicked more on team A's items, more on team B's, and as often on both."""
    units = _find_units(history, now, {})
    clicks: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for unit, (at, name, value) in _tell(history, now):
        if unit in units and at >= units[unit][1] and name.startswith("team_clicks:"):
            clicks[unit][name[-1]] += value
    leads = [told["a"] - told["b"] for told in clicks.values()]
    return sum(lead > 0 for lead in leads), sum(lead < 0 for lead in leads), leads.count(0.0)


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
    if one.event_type in {"purchase", "return"}:
        sign, worth = (1.0 if one.event_type == "purchase" else -1.0), one.event_value or 0.0
        yield "orders", sign
        yield "sales", sign * worth
        yield "fees", sign * _fee(worth)
    if one.event_type == "purchase":
        value = one.event_value or 0.0
        yield "value:purchase", value
        listed_by = _ascribe(one, lists, clicks)
        if listed_by is not None:
            yield from _by_row("bought", listed_by, 1.0, phase_id)
            yield from _by_row("attributed_fees", listed_by, _fee(value), phase_id)


def _fee(value: float) -> float:
    """What the shop earns of a purchase, as its order would say."""
    price_cents = round(value * 100)
    return conf.fees().amounts(price_cents).fee / 100 if price_cents > 0 else 0.0


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
    last = max(led, key=lambda click: (click.occurred_at, click.event_id))
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
    return [("pages", 1.0), ("row_views", 1.0), ("home_views", 1.0), ("home_ms", min(page.took_ms, LATENCY_CAP_MS))]
