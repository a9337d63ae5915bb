import pytest
from pytest_django.fixtures import Settings

from experiments.exceptions import PlanIncomplete
from experiments.models import Phase
from recommendations.models import Rotation
from storefront.second_row.payload_rules import RowPayloads
from tests.factories.second_row import run_experiment

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def trained_row(settings: Settings) -> None:
    settings.EXPERIMENT_PAYLOADS = RowPayloads()


@pytest.mark.parametrize(
    ("payload", "fix"),
    [
        ({"rotation": "nothing"}, "rotation: there is no 'nothing'"),
        ({"rotation": "untrained"}, "run `manage.py retrain untrained` first"),
        ({"rule": "newest"}, "rule: there is no 'newest'"),
    ],
)
def test_experiment_does_not_start_on_what_the_row_cannot_show(payload: dict[str, str], fix: str) -> None:
    Rotation.objects.create(key="untrained", slot="home-untrained")

    with pytest.raises(PlanIncomplete) as refusal:
        run_experiment({"rule": "trending"}, payload)

    ((field, message),) = refusal.value.faults
    assert field == "variations"
    assert message.startswith("The other: ")
    assert fix in message
    assert not Phase.objects.exists()


def test_experiment_starts_on_what_the_row_can_show() -> None:
    phase = run_experiment({"rule": "trending"}, {"rule": "most-popular"})

    assert phase.ended_at is None
