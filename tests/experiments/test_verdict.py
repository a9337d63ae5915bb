from dataclasses import replace
from itertools import product

import pytest

from experiments.verdict import (
    ArmEvidence,
    Evidence,
    Finding,
    MetricEvidence,
    Outcome,
    Question,
    Role,
    decide,
)

BETTER, WORSE, UNDECIDED = Finding
SRM = "The split differs from the weights."


def gather(
    *arms: ArmEvidence,
    design: Question = "ab",
    is_over: bool = False,
    n_units: int = 1000,
    faults: tuple[str, ...] = (),
    tripped: str = "",
) -> Evidence:
    return Evidence(design=design, is_over=is_over, n_units=n_units, faults=faults, arms=arms, tripped=tripped)


def success(sequential: Finding = UNDECIDED, fixed: Finding = UNDECIDED, name: str = "Conversion") -> MetricEvidence:
    return MetricEvidence(name, Role.SUCCESS, sequential, fixed)


def guardrail(
    sequential: Finding = UNDECIDED,
    fixed: Finding = UNDECIDED,
    *,
    safe_sequential: bool = False,
    safe_fixed: bool = False,
    name: str = "Latency",
) -> MetricEvidence:
    return MetricEvidence(name, Role.GUARDRAIL, sequential, fixed, safe_sequential, safe_fixed)


SAFE = guardrail(safe_sequential=True, safe_fixed=True)

COMBINATIONS = list(
    product(
        (False, True),  # the planned end is reached
        (False, True),  # a quality check fails
        Finding,  # success metric, sequential
        Finding,  # success metric, fixed
        Finding,  # guardrail, sequential
        Finding,  # guardrail, fixed
        (False, True),  # guardrail non-inferior, sequential
        (False, True),  # guardrail non-inferior, fixed
    )
)


Case = tuple[bool, bool, Finding, Finding, Finding, Finding, bool, bool]


def find_expected(case: Case) -> Outcome:
    """Spotify's rule in booleans, apart from the code's own way of saying it."""
    is_over, has_fault, success_seq, success_fixed, guard_seq, guard_fixed, safe_seq, safe_fixed = case
    success_now = success_seq if success_seq != UNDECIDED or not is_over else success_fixed
    guard_now = guard_seq if guard_seq != UNDECIDED or not is_over else guard_fixed
    if has_fault:
        return Outcome.INVALID
    if WORSE in (success_now, guard_now):
        return Outcome.DO_NOT_SHIP
    if success_now == BETTER and (safe_seq or (is_over and safe_fixed)):
        return Outcome.SHIP
    return Outcome.DO_NOT_SHIP if is_over else Outcome.KEEP_RUNNING


def find_outcome(case: Case) -> Outcome:
    is_over, has_fault, success_seq, success_fixed, guard_seq, guard_fixed, safe_seq, safe_fixed = case
    guard = guardrail(guard_seq, guard_fixed, safe_sequential=safe_seq, safe_fixed=safe_fixed)
    metrics = (success(success_seq, success_fixed), guard)
    faults = (SRM,) if has_fault else ()
    return decide(gather(ArmEvidence("New", metrics), is_over=is_over, faults=faults)).outcome


def test_verdict_of_one_variation_follows_the_rule_in_every_combination() -> None:
    assert len(COMBINATIONS) == 2**4 * 3**4

    wrong = [case for case in COMBINATIONS if find_outcome(case) is not find_expected(case)]

    assert wrong == []
    assert {find_outcome(case) for case in COMBINATIONS} == {
        Outcome.SHIP,
        Outcome.DO_NOT_SHIP,
        Outcome.KEEP_RUNNING,
        Outcome.INVALID,
    }


def test_verdict_ignores_the_fixed_read_out_before_the_end() -> None:
    evidence = gather(ArmEvidence("New", (success(UNDECIDED, BETTER), SAFE)))

    verdict = decide(evidence)

    assert verdict.outcome is Outcome.KEEP_RUNNING


def test_verdict_needs_one_of_several_success_metrics() -> None:
    both = (success(UNDECIDED, BETTER, "Conversion"), success(name="Revenue"))

    verdict = decide(gather(ArmEvidence("New", (*both, SAFE)), is_over=True))

    assert verdict.outcome is Outcome.SHIP
    assert verdict.reason == "Conversion improves, every guardrail holds and nothing deteriorates."


def test_verdict_needs_every_guardrail() -> None:
    metrics = (success(BETTER), SAFE, guardrail(name="Orders"), guardrail(name="Errors"))

    verdict = decide(gather(ArmEvidence("New", metrics), is_over=True))

    assert verdict.outcome is Outcome.DO_NOT_SHIP
    assert (
        verdict.reason == "Conversion improves, but Orders and Errors could not be shown to be unharmed: keep control."
    )


def test_verdict_without_guardrails_says_so() -> None:
    verdict = decide(gather(ArmEvidence("New", (success(BETTER),))))

    assert verdict.outcome is Outcome.SHIP
    assert "there is no guardrail" in verdict.reason


def test_verdict_is_not_stopped_by_an_exploratory_metric() -> None:
    metrics = (success(BETTER), SAFE, MetricEvidence("Other rows", Role.EXPLORATORY, WORSE, WORSE))

    verdict = decide(gather(ArmEvidence("New", metrics), is_over=True))

    assert verdict.outcome is Outcome.SHIP


def test_verdict_names_what_deteriorates_beside_what_improves() -> None:
    verdict = decide(gather(ArmEvidence("New", (success(BETTER), guardrail(WORSE, name="Orders")))))

    assert verdict.outcome is Outcome.DO_NOT_SHIP
    assert verdict.reason == "Orders deteriorates, though Conversion improves."


@pytest.mark.parametrize(
    ("design", "expected"),
    [("ab", Outcome.DO_NOT_SHIP), ("aa", Outcome.NO_DIFFERENCE), ("interleaving", Outcome.NO_PREFERENCE)],
)
def test_verdict_of_what_was_stopped_early_uses_no_fixed_read_out(design: Question, expected: Outcome) -> None:
    arms = (ArmEvidence("New", (success(UNDECIDED, BETTER), SAFE)),)

    verdict = decide(replace(gather(*arms, design=design), is_stopped=True))

    assert verdict.outcome is expected


def test_verdict_of_what_was_stopped_early_says_so() -> None:
    verdict = decide(replace(gather(ArmEvidence("New", (success(), SAFE))), is_stopped=True))

    assert "before it was stopped, short of its planned end" in verdict.reason


def test_verdict_never_ships_for_an_exploratory_metric() -> None:
    metrics = (success(), SAFE, MetricEvidence("Clicks", Role.EXPLORATORY, BETTER, BETTER))

    verdict = decide(gather(ArmEvidence("New", metrics), is_over=True))

    assert verdict.outcome is Outcome.DO_NOT_SHIP


def test_verdict_names_why_a_metric_could_not_be_read() -> None:
    unread = MetricEvidence("Conversion", Role.SUCCESS, unknown_reason="nobody bought anything")

    verdict = decide(gather(ArmEvidence("New", (unread, SAFE)), is_over=True))

    assert verdict.outcome is Outcome.DO_NOT_SHIP
    assert "Conversion (nobody bought anything)" in verdict.reason


@pytest.mark.parametrize("design", ["ab", "aa", "interleaving"])
@pytest.mark.parametrize("is_over", [False, True])
def test_verdict_without_units_decides_nothing(design: Question, is_over: bool) -> None:
    evidence = gather(ArmEvidence("New", (success(BETTER, BETTER), SAFE)), design=design, is_over=is_over, n_units=0)

    verdict = decide(evidence)

    assert verdict.outcome is (Outcome.INVALID if is_over else Outcome.KEEP_RUNNING)


@pytest.mark.parametrize("design", ["ab", "aa", "interleaving"])
def test_verdict_of_a_failed_quality_check_is_invalid_in_every_design(design: Question) -> None:
    evidence = gather(ArmEvidence("New", (success(BETTER, BETTER), SAFE)), design=design, faults=(SRM, "Crossover."))

    verdict = decide(evidence)

    assert verdict.outcome is Outcome.INVALID
    assert verdict.reason == f"{SRM} Crossover."


@pytest.mark.parametrize(
    ("is_over", "sequential", "fixed", "expected"),
    [
        (False, UNDECIDED, UNDECIDED, Outcome.KEEP_RUNNING),
        (False, UNDECIDED, BETTER, Outcome.KEEP_RUNNING),
        (False, BETTER, UNDECIDED, Outcome.INVALID),
        (False, WORSE, WORSE, Outcome.INVALID),
        (True, UNDECIDED, UNDECIDED, Outcome.NO_DIFFERENCE),
        (True, UNDECIDED, BETTER, Outcome.INVALID),
        (True, UNDECIDED, WORSE, Outcome.INVALID),
        (True, BETTER, UNDECIDED, Outcome.INVALID),
    ],
)
def test_verdict_of_an_a_a_expects_no_difference(
    is_over: bool, sequential: Finding, fixed: Finding, expected: Outcome
) -> None:
    verdict = decide(gather(ArmEvidence("Same", (success(sequential, fixed),)), design="aa", is_over=is_over))

    assert verdict.outcome is expected
    if expected is Outcome.NO_DIFFERENCE:
        assert verdict.title == "No difference, as it should be"


@pytest.mark.parametrize(
    ("is_over", "sequential", "fixed", "expected", "title"),
    [
        (False, UNDECIDED, BETTER, Outcome.KEEP_RUNNING, "Keep running"),
        (False, BETTER, UNDECIDED, Outcome.PREFERRED, "B preferred"),
        (False, WORSE, UNDECIDED, Outcome.NOT_PREFERRED, "B not preferred"),
        (True, UNDECIDED, BETTER, Outcome.PREFERRED, "B preferred"),
        (True, UNDECIDED, WORSE, Outcome.NOT_PREFERRED, "B not preferred"),
        (True, UNDECIDED, UNDECIDED, Outcome.NO_PREFERENCE, "No preference"),
    ],
)
def test_verdict_of_interleaving_is_a_preference(
    is_over: bool, sequential: Finding, fixed: Finding, expected: Outcome, title: str
) -> None:
    arm = ArmEvidence("B", (success(sequential, fixed, "Preference"),))

    verdict = decide(gather(arm, design="interleaving", is_over=is_over))

    assert verdict.outcome is expected
    assert verdict.title == title


def arm(name: str, finding: Finding) -> ArmEvidence:
    return ArmEvidence(name, (success(finding, finding), SAFE))


@pytest.mark.parametrize(
    ("is_over", "first", "second", "expected", "variation"),
    [
        (False, BETTER, BETTER, Outcome.SHIP, "X"),
        (False, BETTER, UNDECIDED, Outcome.KEEP_RUNNING, "X"),
        (False, BETTER, WORSE, Outcome.SHIP, "X"),
        (False, WORSE, BETTER, Outcome.SHIP, "Y"),
        (False, WORSE, UNDECIDED, Outcome.KEEP_RUNNING, "Y"),
        (False, WORSE, WORSE, Outcome.DO_NOT_SHIP, "X"),
        (True, UNDECIDED, BETTER, Outcome.SHIP, "Y"),
        (True, BETTER, BETTER, Outcome.SHIP, "X"),
        (True, UNDECIDED, WORSE, Outcome.DO_NOT_SHIP, "X"),
    ],
)
def test_verdict_of_several_variations_picks_one(
    is_over: bool, first: Finding, second: Finding, expected: Outcome, variation: str
) -> None:
    verdict = decide(gather(arm("X", first), arm("Y", second), is_over=is_over))

    assert (verdict.outcome, verdict.variation) == (expected, variation)


def test_verdict_of_several_variations_names_each() -> None:
    verdict = decide(gather(arm("X", WORSE), arm("Y", WORSE)))

    assert verdict.reason == "X: Conversion deteriorates. Y: Conversion deteriorates."


@pytest.mark.parametrize(
    ("design", "outcome"),
    [("ab", Outcome.DO_NOT_SHIP), ("interleaving", Outcome.DO_NOT_SHIP), ("aa", Outcome.INVALID)],
)
@pytest.mark.parametrize("faults", [(), (SRM,)])
def test_verdict_ships_nothing_that_a_limit_rolled_back(
    design: Question, outcome: Outcome, faults: tuple[str, ...]
) -> None:
    arm = ArmEvidence("New", (success(BETTER, BETTER), SAFE))

    verdict = decide(gather(arm, design=design, is_over=True, tripped="Of 500 lists, 9.0% failed.", faults=faults))

    assert verdict.outcome is outcome
    assert "Of 500 lists, 9.0% failed." in verdict.reason
    assert all(fault in verdict.reason for fault in faults)


@pytest.mark.parametrize(("is_over", "outcome"), [(True, Outcome.INVALID), (False, Outcome.KEEP_RUNNING)])
def test_verdict_on_an_a_a_that_measured_nothing_is_not_that_all_is_well(*, is_over: bool, outcome: Outcome) -> None:
    blind = MetricEvidence("Row CTR", Role.SUCCESS, unknown_reason="Nothing was seen.")

    read = decide(gather(ArmEvidence("Same", (blind, SAFE)), design="aa", is_over=is_over))
    unasked = decide(gather(ArmEvidence("Same", (SAFE,)), design="aa", is_over=is_over))

    assert (read.outcome, unasked.outcome) == (outcome, outcome)
    assert "Row CTR of Same (Nothing was seen)" in read.reason
