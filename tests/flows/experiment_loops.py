"""Closed loops around an experiment of a running shop: it is started, shoppers come, and the controller judges."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.running_shop import PROJECT, RunningShop

LOOK_EVERY_S = 5.0
HOME = {"slot": "home-recommended", "rotation": "home"}

START = """
import json
from datetime import timedelta
from experiments import ramp
from experiments.conf import now
from experiments.definitions import VariationDefinition, ensure_experiment
from experiments.models import Experiment
from experiments.switches import stop
loop = json.loads({loop!r})
experiment = ensure_experiment(
    key=loop["key"], name=loop["key"], flag_name=loop["key"].replace("-", "_"),
    variations=(
        VariationDefinition("control", "As it is", loop["payload"], is_control=True),
        VariationDefinition("treatment", "Otherwise", loop["payload"]),
    ),
)
for name, value in loop["fields"].items():
    setattr(experiment, name, value)
experiment.planned_end_at = now() + timedelta(minutes=loop["minutes"])
experiment.save()
weights = (("control", 10_000 - loop["treated_bp"]), ("treatment", loop["treated_bp"]))
# An earlier loop's phase, rolled back, would still hold the place on the page.
for earlier in Experiment.objects.filter(status="rolled_back").exclude(key=loop["key"]):
    stop(earlier.key, actor="soak", reason="Its loop is over.")
ramp.start(loop["key"], weights_bp=weights, actor="soak", reason="A closed loop.")
"""
STATE = """
import json
from experiments.models import Experiment
experiment = Experiment.objects.get(key={key!r})
newest = experiment.ramp_changes.first()
phase = experiment.phases.first()
print(json.dumps(dict(
    status=experiment.status, code=newest.code, reason=newest.reason, step=phase.step,
    actions=[change.action for change in experiment.ramp_changes.order_by("pk")],
    is_final=phase.snapshots.filter(is_final=True).exists(),
)))
"""
REPORT = """
from experiments.report.build import build_report
from experiments.report.jsonable import dump
print(dump(build_report({key!r})))
"""


@dataclass(frozen=True, slots=True)
class Loop:
    """One experiment on the homepage's second row, which shows both variations the same."""

    key: str
    minutes: float
    treated_bp: int = 5_000
    fields: dict[str, Any] = field(default_factory=dict)

    def start(self, shop: RunningShop) -> None:
        told = {
            "key": self.key,
            "minutes": self.minutes,
            "treated_bp": self.treated_bp,
            "payload": HOME,
            "fields": {
                "research_note": "A closed loop of the tests.",
                "change": "Nothing that a page shows.",
                "primary_metric": "homepage_ctr",
                "expected_effect": 0.2,
                "mde": 0.2,
                "guardrails": [{"metric": "page_latency", "margin": 0.15}],
                # A busy machine is slow in both variations; what is planted is a difference.
                "row_limits": {"p95_ms": 5_000},
                # One step for everybody: the loop is about what the controller does, not about how it ramps.
                "steps": [{"seen_bp": self.treated_bp, "hours": 1.0, "min_units": 0}],
                **self.fields,
            },
        }
        shop.python(START.format(loop=json.dumps(told)))

    def read_state(self, shop: RunningShop) -> dict[str, Any]:
        """Status, the newest change and what was done so far."""
        state: dict[str, Any] = json.loads(shop.python(STATE.format(key=self.key)))
        return state

    def wait_for(self, shop: RunningShop, *wanted: str, within_s: float) -> dict[str, Any]:
        """The state once the status is one of these; a completed one also waits for its frozen result.

        Raises:
            AssertionError: it did not come in time.
        """
        give_up_s = time.monotonic() + within_s
        while True:
            state = self.read_state(shop)
            if state["status"] in wanted and (state["status"] != "completed" or state["is_final"]):
                return state
            assert time.monotonic() < give_up_s, f"{self.key} is {state} after {within_s:.0f} s."
            time.sleep(LOOK_EVERY_S)

    def read_report(self, shop: RunningShop) -> dict[str, Any]:
        """What the results page says."""
        report: dict[str, Any] = json.loads(shop.python(REPORT.format(key=self.key)))
        return report


@contextmanager
def driven(shop: RunningShop, *arguments: str, rate: float, minutes: float) -> Iterator[None]:
    """Shoppers use the shop meanwhile; at the end they leave, and none of them may have met an error."""
    command = [sys.executable, "manage.py", "drive_shoppers", "--url", shop.url, "--json"]
    command += ["--rate", str(rate), "--minutes", str(minutes), "--shoppers", "600", *arguments]
    with subprocess.Popen(
        command, cwd=PROJECT, env=shop.environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as drive:
        try:
            yield
        finally:
            drive.send_signal(2)
            told, _ = drive.communicate(timeout=90)
    found = json.loads(told)
    assert found["failures"] == []
