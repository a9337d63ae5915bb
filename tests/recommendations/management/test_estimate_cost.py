"""The command `estimate_cost`: what it takes from the shop, what options change, how it says what is spent."""

import json
import re
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from pytest_django import Settings

from recommendations import conf
from recommendations.adapters import ledger
from recommendations.adapters.personalize.costs import HOURS_A_MONTH, training_hours
from recommendations.events.ids import uuid7
from recommendations.events.store import store
from recommendations.models import PaidAct, Rotation
from recommendations.pipeline.cost_plans import NIGHTS_A_MONTH
from recommendations.pipeline.rotations import ensure_rotation
from tests.factories.events import make_served_list
from tests.factories.retraining import make_past

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("calm_world")]


@pytest.fixture
def rotation() -> str:
    return ensure_rotation("home", "home-recommended", "aws-user-personalization").key


def run_command(*arguments: str) -> str:
    out = StringIO()
    call_command("estimate_cost", *arguments, stdout=out)
    return out.getvalue()


def run_json(*arguments: str) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(run_command(*arguments, "--json"))
    return answer


def usd_by_line(facts: dict[str, Any]) -> dict[str, float]:
    return {line["what"]: line["usd"] for line in facts["rotations"]["home"]["lines"]}


def test_estimate_takes_the_shops_own_interactions(rotation: str) -> None:
    make_past(n_shoppers=10)

    facts = run_json()

    plan = facts["rotations"]["home"]["plan"]
    assert (plan["n_interactions"], plan["n_events"]) == (200, 200)
    assert usd_by_line(facts)["trainings"] == pytest.approx(NIGHTS_A_MONTH * training_hours(200) * 0.24)


def test_estimate_takes_the_shops_own_traffic(rotation: str) -> None:
    begun_at = conf.now() - timedelta(hours=2)
    lists = [
        make_served_list(recommendation_id=uuid7(begun_at), rotation=key, served_at=begun_at)
        for key in ["home"] * 36 + ["other"]
    ]
    store(lists)

    facts = run_json()

    assert facts["rotations"]["home"]["plan"]["requests_per_s"] == pytest.approx(36 / 7200, rel=0.01)


def test_options_replace_the_shops_figures(rotation: str) -> None:
    facts = run_json("--interactions", "25000000", "--retrains", "1", "--requests-per-second", "10", "--price", "gb=2")

    usd = usd_by_line(facts)
    assert usd["trainings"] == pytest.approx(53.9 * 0.24, rel=0.01)
    assert usd["the live campaign"] == pytest.approx(10 * HOURS_A_MONTH * 0.2)


def test_other_interactions_bring_the_bytes_that_rows_have(rotation: str) -> None:
    plans = [
        run_json("--interactions", "25000000", *more)["rotations"]["home"]["plan"] for more in ((), ("--bytes", "7"))
    ]

    assert [plan["n_bytes"] for plan in plans] == [25_000_000 * 60, 7]


def test_rotation_that_sleeps_costs_its_campaign_when_asked_for(rotation: str) -> None:
    Rotation.objects.filter(key=rotation).update(is_active=False)

    facts = run_json("home")

    assert run_json()["rotations"] == {}
    assert usd_by_line(facts)["trainings"] == 0.0
    assert usd_by_line(facts)["the live campaign"] == pytest.approx(HOURS_A_MONTH * 0.2)


def test_estimate_is_a_table_and_says_what_this_month_has_cost(rotation: str, settings: Settings) -> None:
    settings.PERSONALIZE_MONTHLY_BUDGET_USD = 400.0
    ledger.spend(PaidAct(kind=PaidAct.Kind.TRAINING, name="home-maize-1", owner="home", group_name="x", usd=12.5))

    told = run_command()

    assert re.search(r"the live campaign +│ +730.00 │ TPS-hours +│ +146.00", told)
    assert "12.50 USD spent and 0.00 kept" in told
    assert "of a budget of 400.00" in told


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["away"], "rotation 'away' is unknown; use one of: home"),
        (["--price", "gb"], "--price 'gb'; give NAME=USD"),
        (["--price", "rent=5"], "price 'rent' is unknown"),
        (["--retrains", "-1"], "n_retrains == -1"),
        (["--peak-ratio", "5"], "peak_ratio == 5"),
    ],
)
def test_estimate_refuses_what_it_cannot_reckon_with(rotation: str, arguments: list[str], told: str) -> None:
    with pytest.raises(CommandError) as caught:
        run_command(*arguments)

    assert told in str(caught.value)


def test_estimate_in_the_documentation_is_what_the_command_tells(rotation: str) -> None:
    page = (Path(settings.BASE_DIR) / "docs" / "aws.md").read_text()
    command = re.search(r"\$ manage\.py estimate_cost (home .*?)\n```", page, re.DOTALL)
    rows = re.findall(r"^\| (.+?) \| ([\d,.]+) [A-Za-z -]+ \| ([\d,.]+) \|$", page, re.MULTILINE)
    assert command is not None

    facts = run_json(*command[1].replace("\\\n", "").split())

    lines = facts["rotations"]["home"]["lines"]
    assert rows == [(line["what"], f"{line['quantity']:,.2f}", f"{line['usd']:,.2f}") for line in lines]
    assert f"| all | | {facts['usd']:,.2f} |" in page
