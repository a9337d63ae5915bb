from collections.abc import Callable

import pytest
from django.test import Client
from pytest_django import Settings

from experiments.metrics import InvalidMetric, MetricDefinition, all_metrics
from experiments.models import Metric

pytestmark = pytest.mark.django_db
URL = "/admin/experiments/metric/add/"
FIELDS = {
    "name": "Watches",
    "key": "watches",
    "kind": "mean",
    "numerator": "events:watch",
    "window_days": "7",
    "higher_is_better": "on",
    "is_active": "on",
}
SignIn = Callable[..., Client]


def test_metric_of_an_event_type_is_made_in_the_admin(sign_in: SignIn) -> None:
    client = sign_in("add_metric")

    response = client.post(URL, FIELDS)

    assert response.status_code == 302
    found = all_metrics()["watches"]
    assert (found.kind, found.numerator, found.window_days, found.cap) == ("mean", "events:watch", 7, None)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"kind": "ratio"}, "denominator: a ratio needs one"),
        ({"denominator": "events:bid"}, "denominator: a ratio needs one; the other kinds have none"),
        ({"cap": "-1"}, "cap: give a number above 0"),
        ({"kind": "ratio", "denominator": "events:bid", "cap": "9"}, "cap: a ratio takes none"),
        ({"window_days": "0"}, "window_days: give 1 to 366"),
        ({"key": "conversion"}, "declared in code"),
        ({"numerator": "no-such"}, "Select a valid choice"),
        ({"covariate": "row_clicks"}, "Select a valid choice"),
    ],
)
def test_metric_that_cannot_be_computed_is_refused_by_field(sign_in: SignIn, fields: dict[str, str], said: str) -> None:
    client = sign_in("add_metric")

    response = client.post(URL, {**FIELDS, **fields})

    assert said in response.content.decode()
    assert not Metric.objects.exists()


def test_metric_of_a_fact_that_is_gone_is_left_out(settings: Settings) -> None:
    Metric.objects.create(key="old", name="Old", numerator="no-such-fact")

    assert "old" not in all_metrics()


def test_inactive_metric_is_left_out() -> None:
    Metric.objects.create(key="watches", name="Watches", numerator="events:watch", is_active=False)

    assert "watches" not in all_metrics()


def test_app_without_a_source_has_no_metrics(settings: Settings) -> None:
    settings.EXPERIMENT_METRIC_SOURCE = ""

    assert all_metrics() == {}


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"kind": "ratio"}, "denominator"),
        ({"denominator": "x"}, "denominator"),
        ({"kind": "ratio", "denominator": "x", "covariate": "y"}, "covariate"),
        ({"cap": 0.0}, "cap"),
        ({"kind": "ratio", "denominator": "x", "cap": 9.0}, "cap"),
        ({"window_days": 0}, "window_days"),
    ],
)
def test_definition_names_its_fault(fields: dict[str, object], said: str) -> None:
    with pytest.raises(InvalidMetric, match=said):
        MetricDefinition(**{"key": "k", "name": "n", "kind": "mean", "numerator": "x", **fields})  # type: ignore[arg-type]
