"""What changed of products before anybody was to be told of it goes with the first export, and not item by item."""

import pytest

from catalog.models import ProductChange
from recommendations.pipeline.rotations import ensure_rotation
from recommendations.pipeline.states import RetrainStatus
from tests.factories.catalog import make_product
from tests.factories.retraining import advance_to, make_past

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("calm_world")]


def test_first_side_lets_go_of_changes_and_later_ones_keep_them() -> None:
    make_past()
    n_before = ProductChange.objects.count()

    advance_to(RetrainStatus.EXPORT)
    n_after_first = ProductChange.objects.count()
    make_product()
    advance_to(RetrainStatus.EXPORT, ensure_rotation("other", "home-recommended", "aws-popularity-count"))

    assert n_before == 32
    assert n_after_first == 0
    assert ProductChange.objects.count() == 1
