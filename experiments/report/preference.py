"""PURE reading of an interleaving test: whose items shoppers choose where both lists stand in one."""

from collections.abc import Mapping
from typing import Any

from experiments.report.facts import Rules
from experiments.report.values import Preference
from experiments.stats import Inconclusive, sample_ratio_mismatch, sign_test, split_alpha
from experiments.verdict import ArmEvidence, Finding, MetricEvidence, Role


def read_preference(stored: Mapping[str, Any] | None, *, first: str, second: str, rules: Rules) -> Preference | None:
    """The sign test over shoppers; while it runs, the always-valid form of the same question.

    Args:
        stored: The snapshot's counts of shoppers; None where the phase interleaves nothing.
        first: Name of the list that plays A.
        second: Name of the list that plays B.
        rules: The phase's.
    """
    if stored is None:
        return None
    wins_a, wins_b, ties = (int(stored.get(name) or 0) for name in ("wins_a", "wins_b", "ties"))
    n_units = int(stored.get("n_units") or wins_a + wins_b + ties)
    sequential_alpha, fixed_alpha = split_alpha(rules.alpha)
    found = sign_test(wins_a=wins_a, wins_b=wins_b, ties=ties, alpha=fixed_alpha)
    if isinstance(found, Inconclusive):
        return Preference(first, second, n_units, wins_a, wins_b, ties, None, None, "undecided", found.reason)
    looks = sample_ratio_mismatch(counts=(wins_a, wins_b), weights=(1, 1), alpha=sequential_alpha)
    p_sequential = 1.0 if isinstance(looks, Inconclusive) else looks.anytime_p_value
    is_decided = p_sequential <= sequential_alpha or (rules.is_over and found.is_significant)
    finding = Finding.UNDECIDED
    if is_decided:
        finding = Finding.BETTER if wins_b > wins_a else Finding.WORSE
    sentence = (
        f"Of {wins_a + wins_b:,} shoppers with a preference {found.win_share:.1%} chose more from {second}; "
        f"{ties:,} had none."
    )
    p_value = found.p_value if rules.is_over else p_sequential
    return Preference(first, second, n_units, wins_a, wins_b, ties, found.margin, p_value, finding.value, sentence)


def weigh_preference(preference: Preference, *, is_over: bool) -> ArmEvidence:
    """The preference as the verdict's evidence."""
    finding = Finding(preference.finding)
    metric = MetricEvidence(
        "Preference",
        Role.SUCCESS,
        sequential=Finding.UNDECIDED if is_over else finding,
        fixed=finding if is_over else Finding.UNDECIDED,
    )
    return ArmEvidence(preference.second, (metric,))
