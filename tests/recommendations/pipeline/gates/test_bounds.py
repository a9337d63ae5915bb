"""A rotation's bounds: its own where it names them, the defaults elsewhere, and no misspelt one taken."""

import pytest

from recommendations.exceptions import InvalidInput
from recommendations.models import Rotation
from recommendations.pipeline.gates.bounds import GateBounds
from recommendations.pipeline.states import RetrainStatus
from tests.factories.retraining import advance_to, make_past


def test_parse_takes_the_rotations_own_and_the_defaults() -> None:
    bounds = GateBounds.parse({"max_popular_share": 0.5, "min_overlap_share": 0})

    assert (bounds.max_popular_share, bounds.min_overlap_share) == (0.5, 0)
    assert bounds.max_refused_share == GateBounds().max_refused_share == 0.01


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"max_populer_share": 0.5}, "is unknown; the bounds are: max_offline_drop_share"),
        ({"max_popular_share": 50}, "give a share from 0 to 1"),
        ({"max_popular_share": True}, "give a share from 0 to 1"),
        ({"max_popular_share": "0.5"}, "give a share from 0 to 1"),
        ({"max_popular_share": float("nan")}, "give a share from 0 to 1"),
    ],
)
def test_parse_names_the_bound_and_the_fix(given: dict[str, object], message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        GateBounds.parse(given)


@pytest.mark.django_db
@pytest.mark.usefixtures("calm_world")
def test_wrong_bound_stops_the_run_before_anything_is_exported() -> None:
    make_past()
    advance_to(RetrainStatus.PROVISION)
    Rotation.objects.update(gates={"max_populer_share": 0.5})

    run = advance_to(RetrainStatus.FAILED)

    assert run.failure_step == RetrainStatus.EXPORT
    assert "max_populer_share" in run.failure_reason
