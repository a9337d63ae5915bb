"""The page of paid acts: what each was to cost, what the month comes to; nothing to change."""

from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from recommendations.adapters import ledger
from recommendations.models import PaidAct

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _plain_static_files(settings: Settings, tmp_path: Path) -> None:
    settings.STATIC_ROOT = tmp_path
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": plain}


def spend(kind: PaidAct.Kind, **costs: float) -> PaidAct:
    act = PaidAct(kind=kind, name="home-maize-1", owner="home", group_name="home-maize-1", n_rows=12_345, **costs)
    ledger.spend(act)
    return act


def test_page_lists_acts_under_what_the_month_has_cost(admin_client: Client, settings: Settings) -> None:
    settings.PERSONALIZE_MONTHLY_BUDGET_USD = 500.0
    spend(PaidAct.Kind.TRAINING, usd=12.5)
    spend(PaidAct.Kind.CAMPAIGN, usd_an_hour=0.2)

    page = admin_client.get(reverse("admin:recommendations_paidact_changelist")).content.decode()

    assert "Paid acts: 12.50 USD spent this month" in page
    assert "kept for open campaigns of 500.00" in page
    assert "0.20 USD an hour" in page
    assert "12,345" in page


def test_page_lets_nobody_change_the_ledger(admin_client: Client) -> None:
    act = spend(PaidAct.Kind.TRAINING, usd=12.5)
    url = reverse("admin:recommendations_paidact_change", args=[act.pk])

    answer = admin_client.post(url, {"usd": "0"})

    assert answer.status_code == 403
    assert PaidAct.objects.get().usd == 12.5
