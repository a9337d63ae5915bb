"""Conditions at their bounds, and what every alarm must say."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from recommendations.alarms.conditions import Finding
from recommendations.alarms.facts import (
    AnswerFacts,
    Bounds,
    ChangeFacts,
    Facts,
    FailedRun,
    GroupFacts,
    LetterFacts,
    MoneyFacts,
    RampFacts,
    RotationFacts,
    StateStoreFacts,
    StreamFacts,
)
from recommendations.alarms.kinds import KINDS

RUNBOOK = Path(__file__).resolve().parents[3] / "docs" / "runbook.md"
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
QUIET_STORE = StateStoreFacts(StreamFacts(0, 1000, (GroupFacts("store", 0, 0.0, 0.1),)), AnswerFacts(0, 0), (), 1.0)
QUIET = Facts(NOW, (RotationFacts("home", NOW),), NOW, 0, None, QUIET_STORE)


def found(code: str, facts: Facts) -> list[Finding] | None:
    findings = KINDS[code].condition(facts, Bounds())
    return None if findings is None else list(findings)


def with_group(group: GroupFacts, length: int = 0) -> Facts:
    return replace(QUIET, state_store=replace(QUIET_STORE, stream=StreamFacts(length, 1000, (group,))))


@pytest.mark.parametrize("code", KINDS)
def test_quiet_shop_has_no_finding(code: str) -> None:
    assert found(code, QUIET) == []


@pytest.mark.parametrize(
    "code", ["breaker_open", "fallback_share", "stream_lag", "consumer_dead", "events_given_up", "beat_silent"]
)
def test_what_only_valkey_knows_cannot_be_told_without_it(code: str) -> None:
    assert found(code, replace(QUIET, state_store=None)) is None


@pytest.mark.parametrize(
    ("code", "facts"),
    [
        (
            "run_failed",
            replace(QUIET, rotations=(RotationFacts("home", NOW, FailedRun(7, "train", "No rows.", "Import some.")),)),
        ),
        ("model_old", replace(QUIET, rotations=(RotationFacts("home", NOW - timedelta(hours=36, seconds=1)),))),
        ("data_stale", replace(QUIET, newest_interaction_at=NOW - timedelta(hours=24, seconds=1))),
        ("outbox_stuck", replace(QUIET, n_outbox=2, outbox_oldest_at=NOW - timedelta(seconds=61))),
        ("changes_stuck", replace(QUIET, changes=ChangeFacts(4711, 2))),
        ("state_store_down", replace(QUIET, state_store=None)),
        ("breaker_open", replace(QUIET, state_store=replace(QUIET_STORE, open_breakers=("web-1",)))),
        ("fallback_share", replace(QUIET, state_store=replace(QUIET_STORE, answers=AnswerFacts(100, 21)))),
        ("stream_lag", with_group(GroupFacts("store", 3, 120.1, 0.1))),
        ("stream_lag", with_group(GroupFacts("store", 400, 5.0, 0.1), length=600)),
        ("consumer_dead", with_group(GroupFacts("store", 0, 0.0, 30.1))),
        ("consumer_dead", with_group(GroupFacts("store", 0, 0.0, None))),
        ("events_given_up", replace(QUIET, state_store=replace(QUIET_STORE, stream=StreamFacts(0, 1000, (), 1)))),
        ("beat_silent", replace(QUIET, state_store=replace(QUIET_STORE, beat_silent_s=180.1))),
        ("ramp_rolled_back", replace(QUIET, ramps=(RampFacts("rfy", True, "Orders fell.", NOW),))),
        ("ramp_held", replace(QUIET, ramps=(RampFacts("rfy", False, "No shopper came.", NOW),))),
        ("payments_unanswered", replace(QUIET, money=MoneyFacts(2, NOW - timedelta(minutes=15, seconds=1), 0))),
        ("refunds_declined", replace(QUIET, money=MoneyFacts(0, None, 1))),
        ("letters_waiting", replace(QUIET, letters=LetterFacts(2, NOW - timedelta(hours=1, seconds=1)))),
        ("letters_waiting", replace(QUIET, letters=LetterFacts(0, None, NOW - timedelta(hours=1, seconds=1)))),
        ("letters_waiting", replace(QUIET, letters=LetterFacts(2, NOW - timedelta(days=1), NOW - timedelta(hours=9)))),
        ("letters_failed", replace(QUIET, letters=LetterFacts(n_refused=1))),
        ("letters_failed", replace(QUIET, letters=LetterFacts(n_unsure=1))),
    ],
)
def test_condition_beyond_its_bound_is_found(code: str, facts: Facts) -> None:
    findings = found(code, facts)

    assert findings is not None
    assert len(findings) == 1
    assert findings[0].detail.endswith(".")


@pytest.mark.parametrize(
    ("code", "facts"),
    [
        ("model_old", replace(QUIET, rotations=(RotationFacts("home", NOW - timedelta(hours=36)),))),
        ("model_old", replace(QUIET, rotations=(RotationFacts("home", None),))),
        ("data_stale", replace(QUIET, newest_interaction_at=NOW - timedelta(hours=24))),
        ("fallback_share", replace(QUIET, state_store=replace(QUIET_STORE, answers=AnswerFacts(100, 20)))),
        ("fallback_share", replace(QUIET, state_store=replace(QUIET_STORE, answers=AnswerFacts(19, 19)))),
        ("stream_lag", with_group(GroupFacts("store", 3, 120.0, 0.1))),
        ("stream_lag", with_group(GroupFacts("store", 10, 5.0, 0.1), length=600)),
        ("consumer_dead", with_group(GroupFacts("store", 0, 0.0, 30.0))),
        ("beat_silent", replace(QUIET, state_store=replace(QUIET_STORE, beat_silent_s=None))),
        ("ramp_held", replace(QUIET, ramps=(RampFacts("rfy", True, "Orders fell.", NOW),))),
        ("ramp_rolled_back", replace(QUIET, ramps=(RampFacts("rfy", False, "No shopper came.", NOW),))),
        ("payments_unanswered", replace(QUIET, money=MoneyFacts(2, NOW - timedelta(minutes=15), 1))),
        ("refunds_declined", replace(QUIET, money=MoneyFacts(2, NOW - timedelta(days=9), 0))),
        ("letters_waiting", replace(QUIET, letters=LetterFacts(2, NOW - timedelta(hours=1), NOW, 3, 3))),
        ("letters_failed", replace(QUIET, letters=LetterFacts(9, NOW - timedelta(days=1), NOW - timedelta(days=1)))),
    ],
)
def test_condition_within_its_bound_is_not(code: str, facts: Facts) -> None:
    assert found(code, facts) == []


@pytest.mark.parametrize("code", KINDS)
def test_alarm_has_its_entry_in_the_runbook_with_its_command(code: str) -> None:
    kind = KINDS[code]
    entries = re.split(r"^## ", RUNBOOK.read_text(), flags=re.MULTILINE)

    (entry,) = [entry for entry in entries if entry.startswith(f"`{code}`")]

    assert kind.title in entry
    assert kind.command.split(" {")[0] in entry
    assert "**What to look at.**" in entry


@pytest.mark.parametrize("code", KINDS)
def test_command_names_its_subject(code: str) -> None:
    assert "{" not in KINDS[code].command_for("home")
