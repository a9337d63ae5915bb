from datetime import UTC, datetime, timedelta

import pytest
from pytest_django import Settings

from recommendations import conf
from recommendations.adapters import ledger
from recommendations.exceptions import BudgetExceeded
from recommendations.models import PaidAct

pytestmark = pytest.mark.django_db

MAY_11 = datetime(2026, 5, 11, tzinfo=UTC)
HOURS_LEFT_IN_MAY = 21 * 24


@pytest.fixture(autouse=True)
def may(monkeypatch: pytest.MonkeyPatch) -> None:
    set_time(monkeypatch, MAY_11)


def set_time(monkeypatch: pytest.MonkeyPatch, moment: datetime) -> None:
    monkeypatch.setattr(conf, "now", lambda: moment)


def training(name: str = "home-maize-1", usd: float = 10.0) -> PaidAct:
    owner = name.rsplit("-", 2)[0]
    return PaidAct(kind=PaidAct.Kind.TRAINING, name=name, owner=owner, group_name=name, usd=usd)


def campaign(name: str = "home-maize-1", usd_an_hour: float = 1.0) -> PaidAct:
    owner = name.rsplit("-", 2)[0]
    return PaidAct(kind=PaidAct.Kind.CAMPAIGN, name=name, owner=owner, group_name=name, usd_an_hour=usd_an_hour)


def test_spend_pays_once_for_a_name() -> None:
    assert ledger.spend(training())

    assert not ledger.spend(training())
    assert ledger.month_at(MAY_11).spent == 10.0


def test_spend_logs_what_it_costs(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("INFO"):
        ledger.spend(training(usd=12.345))

    assert "training home-maize-1 of 0 rows is estimated at 12.35 USD" in caplog.text


def test_month_counts_a_campaign_by_the_hours_it_was_open(monkeypatch: pytest.MonkeyPatch) -> None:
    ledger.spend(campaign())
    set_time(monkeypatch, MAY_11 + timedelta(hours=30))
    ledger.end_group("home-maize-1")

    month = ledger.month_at(MAY_11 + timedelta(days=5))

    assert month.spent == pytest.approx(30.0)
    assert month.reserved == 0.0


def test_month_counts_only_its_own_hours_of_a_campaign(monkeypatch: pytest.MonkeyPatch) -> None:
    set_time(monkeypatch, datetime(2026, 4, 1, tzinfo=UTC))
    ledger.spend(campaign())

    month = ledger.month_at(MAY_11)

    assert month.spent == pytest.approx(10 * 24)
    assert month.reserved == pytest.approx(HOURS_LEFT_IN_MAY)
    assert month.ends_at == datetime(2026, 6, 1, tzinfo=UTC)


def test_month_reserves_for_one_campaign_of_a_pair() -> None:
    for name, usd in (("home-maize-1", 1.0), ("home-blue-2", 2.0), ("other-blue-3", 5.0)):
        ledger.spend(campaign(name, usd))

    month = ledger.month_at(MAY_11)

    assert month.reserved == pytest.approx((2.0 + 5.0) * HOURS_LEFT_IN_MAY)


def test_month_begins_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    ledger.spend(training())

    june = ledger.month_at(MAY_11 + timedelta(days=30))

    assert june.spent == 0.0


def test_budget_lets_through_what_fits_and_refuses_what_does_not(settings: Settings) -> None:
    settings.PERSONALIZE_MONTHLY_BUDGET_USD = 25.0
    ledger.spend(training("home-maize-1"))
    ledger.spend(training("home-blue-2"))

    with pytest.raises(BudgetExceeded, match=r"10\.00 USD this month; with 20\.00 spent .* makes 30\.00 of 25\.00"):
        ledger.spend(training("home-maize-3"))

    assert PaidAct.objects.count() == 2


def test_budget_keeps_what_the_live_campaign_will_cost(settings: Settings) -> None:
    settings.PERSONALIZE_MONTHLY_BUDGET_USD = HOURS_LEFT_IN_MAY + 5.0
    ledger.spend(campaign())

    with pytest.raises(BudgetExceeded, match=r"504\.00 kept for open campaigns until 2026-06-01"):
        ledger.spend(training())

    ledger.spend(training("home-blue-2", usd=4.0))


def test_budget_wants_no_second_month_for_a_campaign_that_replaces_one(settings: Settings) -> None:
    settings.PERSONALIZE_MONTHLY_BUDGET_USD = HOURS_LEFT_IN_MAY + 2.0
    ledger.spend(campaign("home-maize-1"))

    with pytest.raises(BudgetExceeded):
        ledger.spend(campaign("other-maize-2"))

    assert ledger.spend(campaign("home-blue-3"))


def test_budget_of_zero_refuses_nothing(settings: Settings) -> None:
    settings.PERSONALIZE_MONTHLY_BUDGET_USD = 0.0

    assert ledger.spend(training(usd=1_000_000.0))


def test_end_group_survives_a_clock_that_was_set_back(monkeypatch: pytest.MonkeyPatch) -> None:
    ledger.spend(campaign())
    set_time(monkeypatch, MAY_11 - timedelta(days=2))

    ledger.end_group("home-maize-1")

    assert PaidAct.objects.get().ended_at == MAY_11
