"""Health and guardrails as the newest snapshot has them, each beside its limit."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from experiments.admin.choices import list_metric_choices
from experiments.admin.plan_fields import write_percent
from experiments.conf import CROSSOVER_ALARM_SHARE
from experiments.models import Snapshot
from experiments.panel import Panel
from experiments.plan import Guardrail, Plan, read_plan
from experiments.stats import Inconclusive, sample_ratio_mismatch

SRM_LIMIT = 0.001


@dataclass(frozen=True, slots=True)
class WatchRow:
    """One thing that is watched; `state` is ok, bad or unknown."""

    name: str
    now: str
    limit: str
    state: str

    @property
    def word(self) -> str:
        return {"ok": "Fine", "bad": "Beyond", "unknown": "Too early"}[self.state]


@dataclass(frozen=True, slots=True)
class Watch:
    """All rows, and when they were counted; None where nothing was yet."""

    taken_at: datetime | None
    rows: tuple[WatchRow, ...] = ()


def describe_watch(panel: Panel) -> Watch:
    """What the newest snapshot of the open phase says of health and guardrails."""
    newest = Snapshot.objects.filter(phase=panel.phase).first() if panel.phase is not None else None
    if newest is None or panel.phase is None:
        return Watch(None)
    plan = read_plan(panel.phase)
    names = {variation.key: variation.name for variation in panel.variations}
    rows = [_count_units(newest, panel), _watch_split(newest, panel), _watch_crossover(newest)]
    rows += [row for variation in panel.featured for row in _watch_row(newest, plan, variation.key, names)]
    metrics = dict(list_metric_choices())
    rows += [
        _watch_guardrail(newest, guardrail, variation.key, metrics, names)
        for guardrail in plan.guardrails
        for variation in panel.featured
    ]
    return Watch(newest.taken_at, tuple(rows))


def _count_units(snapshot: Snapshot, panel: Panel) -> WatchRow:
    told = ", ".join(f"{each.name} {snapshot.n_units.get(each.key, 0):,}" for each in panel.variations)
    return WatchRow("Shoppers counted", told, "", "ok" if snapshot.total_units else "unknown")


def _watch_split(snapshot: Snapshot, panel: Panel) -> WatchRow:
    counts = [snapshot.n_units.get(key, 0) for key, _ in panel.weights_bp]
    found = sample_ratio_mismatch(counts=counts, weights=[weight for _, weight in panel.weights_bp], alpha=SRM_LIMIT)
    limit = f"p at least {SRM_LIMIT}"
    if isinstance(found, Inconclusive):
        return WatchRow("Split as planned", "-", limit, "unknown")
    state = "bad" if found.is_anytime_mismatch else "ok"
    return WatchRow("Split as planned", f"p = {found.anytime_p_value:.3g}", limit, state)


def _watch_crossover(snapshot: Snapshot) -> WatchRow:
    total = snapshot.total_units + snapshot.n_crossover
    share = snapshot.n_crossover / total if total else 0.0
    told = f"{snapshot.n_crossover:,} ({write_percent(round(share, 4))}%)"
    return WatchRow(
        "Seen in two variations",
        told,
        f"at most {write_percent(CROSSOVER_ALARM_SHARE)}%",
        "unknown" if not total else "bad" if share > CROSSOVER_ALARM_SHARE else "ok",
    )


def _watch_row(snapshot: Snapshot, plan: Plan, key: str, names: Mapping[str, str]) -> list[WatchRow]:
    """The experiment's own row in one variation, against absolute limits."""
    counted: Mapping[str, Any] = snapshot.row_health.get(key) or {}
    n_lists = counted.get("n", 0)
    rows = [
        _watch_share(f"{label}, {names[key]}", counted.get(field, 0), n_lists, limit)
        for label, field, limit in (
            ("Errors of the row", "errors", plan.row_limits.error_share),
            ("Fallbacks of the row", "fallback", plan.row_limits.fallback_share),
        )
    ]
    p95_ms, limit_ms = counted.get("p95_ms"), plan.row_limits.p95_ms
    told = "-" if p95_ms is None else f"{p95_ms:.0f} ms"
    state = "unknown" if p95_ms is None else "bad" if p95_ms > limit_ms else "ok"
    rows.append(WatchRow(f"Slowest 5% of the row, {names[key]}", told, f"at most {limit_ms:g} ms", state))
    return rows


def _watch_share(name: str, count: int, n_lists: int, limit: float) -> WatchRow:
    told = f"{write_percent(round(count / n_lists, 5))}% of {n_lists:,}" if n_lists else "-"
    state = "unknown" if not n_lists else "bad" if count / n_lists > limit else "ok"
    return WatchRow(name, told, f"at most {write_percent(limit)}%", state)


def _watch_guardrail(
    snapshot: Snapshot, guardrail: Guardrail, key: str, metrics: Mapping[str, str], names: Mapping[str, str]
) -> WatchRow:
    name = f"{metrics.get(guardrail.metric, guardrail.metric)}, {names[key]}"
    limit = f"not worse by more than {write_percent(guardrail.margin)}%"
    readout = (snapshot.results.get(guardrail.metric) or {}).get(key) or {}
    relative = (readout.get("sequential") or {}).get("relative") or {}
    if "estimate" not in relative:
        return WatchRow(name, "-", limit, "unknown")
    interval = relative["interval"]
    told = f"{relative['estimate']:+.1%} ({_tell_end(interval['low'])} to {_tell_end(interval['high'])})"
    return WatchRow(name, told, limit, "ok")


def _tell_end(end: float | None) -> str:
    return "any" if end is None else f"{end:+.1%}"
