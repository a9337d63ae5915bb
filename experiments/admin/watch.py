"""Health and guardrails as the ramp controller saw them last, each beside its limit."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from experiments.admin.plan_fields import write_percent
from experiments.crossover import ALARM_SHARE
from experiments.guardrails import GUARDRAIL
from experiments.health import SRM_LEVEL
from experiments.looks import Look
from experiments.metrics import all_metrics
from experiments.models import Snapshot
from experiments.panel import Panel
from experiments.plan import Guardrail
from experiments.stats import Inconclusive, sample_ratio_mismatch

WORDS = {"ok": "Fine", "bad": "Broken", "unknown": "Too early"}


@dataclass(frozen=True, slots=True)
class WatchRow:
    """One thing that is watched; `state` is ok, bad or unknown."""

    name: str
    now: str
    limit: str
    state: str

    @property
    def word(self) -> str:
        return WORDS[self.state]


@dataclass(frozen=True, slots=True)
class Watch:
    """All rows, and when they were counted; None where nothing was yet."""

    taken_at: datetime | None
    rows: tuple[WatchRow, ...] = ()


def describe_watch(panel: Panel, look: Look) -> Watch:
    """What the newest snapshot of the open phase says; broken is only what the controller calls so."""
    snapshot = look.snapshot
    if snapshot is None:
        return Watch(None)
    names = {variation.key: variation.name for variation in panel.variations}
    rows = [_count_units(snapshot, panel), _watch_split(snapshot, panel, look), _watch_crossover(snapshot, look)]
    for variation in panel.featured:
        rows += _watch_row(snapshot, look, variation.key, names)
        rows += [
            _watch_guardrail(snapshot, look, guardrail, variation.key, names) for guardrail in look.plan.guardrails
        ]
    return Watch(snapshot.taken_at, tuple(rows))


def _is_broken(look: Look, code: str, **facts: str) -> bool:
    return any(
        concern.code == code and all(concern.facts.get(name) == value for name, value in facts.items())
        for concern in look.concerns
    )


def _judge(*, is_known: bool, is_broken: bool) -> str:
    return "bad" if is_broken else "ok" if is_known else "unknown"


def _count_units(snapshot: Snapshot, panel: Panel) -> WatchRow:
    told = ", ".join(f"{each.name} {snapshot.n_units.get(each.key, 0):,}" for each in panel.variations)
    return WatchRow("Shoppers counted", told, "", "ok" if snapshot.total_units else "unknown")


def _watch_split(snapshot: Snapshot, panel: Panel, look: Look) -> WatchRow:
    counts = [snapshot.n_units.get(key, 0) for key, _ in panel.weights_bp]
    found = sample_ratio_mismatch(counts=counts, weights=[weight for _, weight in panel.weights_bp], alpha=SRM_LEVEL)
    is_known = not isinstance(found, Inconclusive)
    told = "-" if isinstance(found, Inconclusive) else f"p = {found.anytime_p_value:.3g}"
    state = _judge(is_known=is_known, is_broken=_is_broken(look, "srm"))
    return WatchRow("Split as planned", told, f"p at least {SRM_LEVEL:g}", state)


def _watch_crossover(snapshot: Snapshot, look: Look) -> WatchRow:
    total = snapshot.total_units + snapshot.n_crossover
    told = f"{snapshot.n_crossover:,} ({snapshot.n_crossover / total:.2%})" if total else "-"
    state = _judge(is_known=bool(total), is_broken=_is_broken(look, "crossover"))
    return WatchRow("Seen in two variations", told, f"at most {ALARM_SHARE:.1%}", state)


def _watch_row(snapshot: Snapshot, look: Look, key: str, names: Mapping[str, str]) -> list[WatchRow]:
    """The experiment's own row in one variation, against absolute limits."""
    counted: Mapping[str, Any] = snapshot.row_health.get(key) or {}
    limits, n_lists, p95_ms = look.plan.row_limits, counted.get("n", 0), counted.get("p95_ms")

    def watch_share(label: str, count: int, limit: float, code: str) -> WatchRow:
        told = f"{count / n_lists:.2%} of {n_lists:,} lists" if n_lists else "-"
        state = _judge(is_known=bool(n_lists), is_broken=_is_broken(look, code, variation=key))
        return WatchRow(f"{label}, {names[key]}", told, f"at most {write_percent(limit)}%", state)

    return [
        watch_share("Errors of the row", counted.get("errors", 0), limits.error_share, "row_errors"),
        watch_share("Fallbacks of the row", counted.get("fallback", 0), limits.fallback_share, "row_fallback"),
        WatchRow(
            f"Slowest 5% of the row, {names[key]}",
            "-" if p95_ms is None else f"{p95_ms:.0f} ms; {counted.get('slow', 0) / n_lists:.1%} above the limit",
            f"at most {limits.p95_ms:g} ms",
            _judge(is_known=p95_ms is not None, is_broken=_is_broken(look, "row_latency", variation=key)),
        ),
    ]


def _watch_guardrail(
    snapshot: Snapshot, look: Look, guardrail: Guardrail, key: str, names: Mapping[str, str]
) -> WatchRow:
    metric = all_metrics().get(guardrail.metric)
    name = f"{metric.name if metric is not None else guardrail.metric}, {names[key]}"
    limit = f"not worse by more than {write_percent(guardrail.margin)}%"
    readout = (snapshot.results.get(guardrail.metric) or {}).get(key) or {}
    relative = (readout.get("sequential") or {}).get("relative") or {}
    is_known = "estimate" in relative
    told = "-"
    if is_known:
        interval = relative["interval"]
        told = f"{relative['estimate']:+.1%} ({_tell_end(interval['low'])} to {_tell_end(interval['high'])})"
    is_broken = _is_broken(look, GUARDRAIL, metric=guardrail.metric, variation=key)
    return WatchRow(name, told, limit, _judge(is_known=is_known, is_broken=is_broken))


def _tell_end(end: float | None) -> str:
    return "any" if end is None else f"{end:+.1%}"
