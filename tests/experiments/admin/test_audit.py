import csv
from collections.abc import Callable

import pytest
from django.http import StreamingHttpResponse
from django.test import Client
from django.urls import reverse

from experiments import ramp
from experiments.models import Experiment, RampChange
from tests.experiments.admin.conftest import read
from tests.experiments.conftest import KEY

SignIn = Callable[..., Client]
LIST, EXPORT = "admin:experiments_rampchange_changelist", "admin:experiments_rampchange_export"

pytestmark = pytest.mark.urls("tests.experiments.urls")


def read_rows(response: object) -> list[dict[str, str]]:
    assert isinstance(response, StreamingHttpResponse)
    return list(csv.DictReader(response.getvalue().decode().splitlines()))


def test_record_tells_shares_before_and_after(running: Experiment, sign_in: SignIn) -> None:
    ramp.set_coverage(KEY, coverage_bp=500, actor="bob", reason="slower")
    client = sign_in("view_rampchange")

    html = read(client.get(reverse(LIST)))

    assert "30% see it (60% in the test)" in html
    assert "2.5% see it (5% in the test)" in html
    assert "slower" in html


def test_record_is_read_only(running: Experiment, sign_in: SignIn) -> None:
    client = sign_in("view_rampchange", "change_rampchange", "delete_rampchange")
    change = RampChange.objects.get()

    deleted = client.post(reverse("admin:experiments_rampchange_delete", args=[change.pk]), {"post": "yes"})

    assert deleted.status_code == 403


def test_export_holds_what_the_list_shows(running: Experiment, sign_in: SignIn) -> None:
    ramp.hold(KEY, actor="bob", reason="a look, with a comma")
    client = sign_in("view_rampchange")

    everything = read_rows(client.get(reverse(EXPORT)))
    held = read_rows(client.get(reverse(EXPORT), {"action__exact": "hold"}))
    by_hand = read_rows(client.get(reverse(EXPORT), {"rule": "person"}))
    by_rule = read_rows(client.get(reverse(EXPORT), {"rule": "srm"}))
    searched = read_rows(client.get(reverse(EXPORT), {"q": "first look"}))

    assert [row["action"] for row in everything] == ["hold", "start"]
    assert (len(by_hand), len(by_rule)) == (2, 0)
    assert [(row["actor"], row["reason"]) for row in held] == [("bob", "a look, with a comma")]
    assert [row["after"] for row in searched] == ["30% see it (60% in the test)"]


@pytest.mark.parametrize("reason", ["=HYPERLINK(1)", "+1", "-1", "@x"])
def test_export_hands_no_formula_to_a_spreadsheet(running: Experiment, sign_in: SignIn, reason: str) -> None:
    ramp.hold(KEY, actor="bob", reason=reason)
    client = sign_in("view_rampchange")

    rows = read_rows(client.get(reverse(EXPORT)))

    assert rows[0]["reason"] == f"'{reason}"


def test_export_needs_the_permission_to_see_the_record(running: Experiment, sign_in: SignIn) -> None:
    client = sign_in("view_experiment")

    response = client.get(reverse(EXPORT))

    assert response.status_code == 403
