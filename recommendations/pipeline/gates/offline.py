"""Gates on what a recipe foretells, against the live model: on the same shoppers, and as that one was measured."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommendations.engine.answers.encoding import Traits
from recommendations.engine.answers.histories import DEFAULT_EVENTS_PER_USER
from recommendations.engine.base import Recommender
from recommendations.engine.evaluation import metrics
from recommendations.engine.evaluation.asking import NDCG_AT_25
from recommendations.engine.evaluation.splits import Case, Split
from recommendations.engine.interactions import Interactions
from recommendations.pipeline.gates.bounds import GateBounds
from recommendations.pipeline.gates.results import GateResult, judged, not_judged
from recommendations.ports import Ranker

K = 25
HELD_OUT_USERS = "held-out users"
# Where a deployment keeps the metrics of a backend that measures by itself, by Amazon Personalize's names.
MEASURED = "measured"
SESSION_GAP_S = 1_800
# Fewer shoppers say little; more cost time and narrow the interval little.
MIN_CASES, MAX_CASES = 30, 500


@dataclass(frozen=True, slots=True, eq=False)
class Paired:
    """NDCG@25 of two models on the same cases.

    Attributes:
        users: the shopper of each case.
        new, live: each case's value, shape (n_cases,).
    """

    users: tuple[str, ...]
    new: NDArray[np.float64]
    live: NDArray[np.float64]

    def to_json(self) -> dict[str, Any]:
        """Return the means with their 95% intervals, as value, low and high; the difference is new minus live."""
        return {
            "n_cases": len(self.users),
            "metric": NDCG_AT_25,
            "new": self._interval(self.new),
            "live": self._interval(self.live),
            "difference": self._interval(self.new - self.live),
        }

    def _interval(self, values: NDArray[np.float64]) -> list[float]:
        low, high = metrics.bootstrap_interval(values[:, None], self.users)
        return [round(float(each), 5) for each in (values.mean(), low[0], high[0])]


def cases_since(interactions: Interactions, split: Split, ended_at: float) -> tuple[Case, ...]:
    """Return what held-out shoppers did after a moment: from all before, foretell the first basket after it.

    Args:
        interactions: all that was exported.
        split: one that holds shoppers out whole; only those are asked about.
        ended_at: the moment, epoch seconds.
    """
    cases = []
    users = interactions.indices_of_users(case.user_id for case in split.cases).tolist()
    for user in users:
        start, stop = int(interactions.starts[user]), int(interactions.starts[user + 1])
        times = interactions.timestamps[start:stop]
        first = int(np.searchsorted(times, int(ended_at), "right"))
        if first == len(times):
            continue
        gaps = np.flatnonzero(np.diff(times[first:]) >= SESSION_GAP_S)
        end = first + (int(gaps[0]) + 1 if len(gaps) else len(times) - first)
        truth = frozenset(interactions.item_ids[item] for item in interactions.items[start + first : start + end])
        user_id, history = interactions.user_ids[user], tuple(interactions.events(start, start + first))
        cases.append(Case(user_id, history, truth, Traits.of(interactions.user_metadata, user_id)))
    return _sample(cases)


def compare_with_live(new: Recommender, live: Ranker, cases: Sequence[Case]) -> Paired:
    """Ask both models the same questions.

    What each side knows. The new model was trained without any of these shoppers, and with the others' newest
    interactions: that freshness is what a retrain is for; it is given their past as the new export has it, up to where
    the live model's data ended. The live model is the artifact that serves, asked about the same shoppers by the past
    that it was given, without its live events; nothing in it is later than the end of its data, and the truth begins
    there. So neither has seen an answer, and a new export that forgot the shoppers' past shows. What is left favours
    the live model slightly: it was trained on these shoppers' pasts too.

    Args:
        new: fitted on a split that holds the cases' shoppers out whole.
        live: the live solution version's model.
        cases: from `cases_since` the end of the live model's data.
    """
    users = tuple(case.user_id for case in cases)
    # As much of a past as a campaign keeps beside its model.
    histories = [case.history[-DEFAULT_EVENTS_PER_USER:] for case in cases]
    traits = [case.traits for case in cases]
    lists = {"new": new.recommend(histories, K, traits=traits)[0], "live": live.rank(users, K)}
    n_relevant = np.array([len(case.truth) for case in cases], np.int64)
    values = {}
    for side, ranked in lists.items():
        hits = np.zeros((len(cases), K), np.bool_)
        for row, (case, item_ids) in enumerate(zip(cases, ranked, strict=True)):
            hits[row, : len(item_ids)] = [item_id in case.truth for item_id in item_ids]
        values[side] = metrics.ndcg(hits, n_relevant, K)
    return Paired(users, values["new"], values["live"])


def check_paired(paired: Paired, bounds: GateBounds) -> GateResult:
    """Return whether the new model is not surely worse than the live one by more than the margin.

    It fails when it loses more than the margin and the 95% interval of the paired difference lies below 0: a small
    sample alone stops nothing.

    Args:
        paired: both models' values.
        bounds: `max_offline_loss_share` is used.
    """
    figures = paired.to_json()
    new, live, (_, _, high) = figures["new"][0], figures["live"][0], figures["difference"]
    loss_share = (live - new) / live if live else 0.0
    note = f"NDCG@25 {new:.4f}, live {live:.4f}, on the same {len(paired.users)} shoppers: {0 - loss_share:+.1%}."
    is_worse = loss_share > bounds.max_offline_loss_share and high < 0
    return judged("offline_paired", loss_share, paired_bound(bounds), note, is_passed=not is_worse)


def paired_bound(bounds: GateBounds) -> str:
    """Return the bound of the paired gate in words."""
    return f"at most {bounds.max_offline_loss_share:.0%} below live"


def check_drop(new: Mapping[str, Any], live: Mapping[str, Any], bounds: GateBounds) -> GateResult:
    """Return whether the recipe foretells held-out shoppers about as well as the live one did when it was measured.

    It fails when the drop is beyond the bound and the two 95% intervals lie apart.

    Args:
        new, live: offline metrics as deployments keep them.
        bounds: `max_offline_drop_share` is used.
    """
    bound = f"at most {bounds.max_offline_drop_share:.0%} below live's own"
    mine, theirs = _ndcg(new), _ndcg(live)
    if mine is None or theirs is None or not theirs[0]:
        return not_judged("offline_drop", bound, "One of the two was never measured on held-out shoppers.")
    drop = 1 - mine[0] / theirs[0]
    note = f"NDCG@25 on held-out shoppers {mine[0]:.4f}, where live had {theirs[0]:.4f}: {0 - drop:+.1%}."
    is_worse = drop > bounds.max_offline_drop_share and mine[2] < theirs[1]
    return judged("offline_drop", drop, bound, note, is_passed=not is_worse)


def check_measured_drop(new: Mapping[str, Any], live: Mapping[str, Any], bounds: GateBounds) -> GateResult:
    """Return whether a model is about as good as the live one, both as their backend measured them by itself.

    There are no intervals: a drop beyond the bound fails.

    Args:
        new, live: offline metrics as deployments keep them.
        bounds: `max_offline_drop_share` is used.
    """
    bound = f"at most {bounds.max_offline_drop_share:.0%} below live's own"
    mine, theirs = (each.get(MEASURED, {}).get(NDCG_AT_25) for each in (new, live))
    if mine is None or not theirs:
        return not_judged("offline_drop", bound, "The backend has not measured both, the new model and a live one.")
    drop = 1 - mine / theirs
    note = f"NDCG@25 as the backend measures it {mine:.4f}, where live had {theirs:.4f}: {0 - drop:+.1%}."
    return judged("offline_drop", drop, bound, note, is_passed=drop <= bounds.max_offline_drop_share)


def _ndcg(figures: Mapping[str, Any]) -> Sequence[float] | None:
    for split in figures.get("splits", ()):
        if split["split"] == HELD_OUT_USERS and split["repeats"]:
            interval: Sequence[float] = split["recipe"][NDCG_AT_25]
            return interval
    return None


def _sample(cases: Sequence[Case]) -> tuple[Case, ...]:
    if len(cases) <= MAX_CASES:
        return tuple(cases)
    chosen = np.sort(np.random.default_rng(0).choice(len(cases), MAX_CASES, replace=False))
    return tuple(cases[number] for number in chosen.tolist())
