"""The command: the old side is live again, and the audit knows why."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from recommendations.models import LiveCampaign, RetrainAction
from recommendations.pipeline.runs import ensure_default_rotation
from tests.factories.retraining import make_past, retrain

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("calm_world")]


def test_roll_back_says_what_is_live_and_until_when_the_other_side_is_kept() -> None:
    make_past()
    retrain()
    retrain()
    out = StringIO()

    call_command("roll_back", "home", "--reason", "it shows the wrong shoes", stdout=out)

    assert LiveCampaign.objects.get().deployment.colour == "maize"
    assert "home is live on maize again" in out.getvalue()
    assert "The blue side is kept until" in out.getvalue()
    assert RetrainAction.objects.get(kind="roll_back").reason == "it shows the wrong shoes"


def test_roll_back_says_why_it_cannot() -> None:
    ensure_default_rotation()

    with pytest.raises(CommandError, match="Nothing is live for home"):
        call_command("roll_back", "home", "--reason", "because")
    with pytest.raises(CommandError, match="unknown"):
        call_command("roll_back", "nowhere", "--reason", "because")
