"""A group's filters over a model: made ready once, looked at again, gone on with while the database is away."""

from pathlib import Path

import pytest
from django.db import OperationalError

from recommendations.adapters.embedded import filters
from recommendations.adapters.embedded.filters import GroupFilters, ensure_filter
from recommendations.adapters.registry import get_backend
from recommendations.engine.artifacts import Artifact
from recommendations.engine.filters.masks import Asking
from recommendations.engine.interactions import Event, Interactions
from recommendations.engine.models.popularity import Popularity
from recommendations.exceptions import BackendUnavailable, InvalidInput, ResourceNotFound, ResourceNotReady
from recommendations.models.filters import Filter
from recommendations.models.resources import DatasetGroup, Status

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("calm_world")]

BOUGHT = 'EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("purchase")'
HISTORY = (Event("a", 1, "purchase"), Event("b", 2, "watch"))


@pytest.fixture
def group(calm_world: Path) -> DatasetGroup:
    get_backend("embedded").control.ensure_dataset_group("filtered", tags={})
    return DatasetGroup.objects.get()


@pytest.fixture
def over_model(group: DatasetGroup) -> GroupFilters:
    model = Popularity().fit(Interactions.from_columns(["u"] * 3, list("abc"), [1, 2, 3], ["watch"] * 3))
    return GroupFilters(group.pk, Artifact(model, None, {}))


def passing(over_model: GroupFilters, arn: str) -> list[bool]:
    return over_model.find(arn).allowed(Asking(HISTORY)).tolist()  # type: ignore[no-any-return]


def test_filters_are_looked_up_once_in_ten_seconds(
    group: DatasetGroup, over_model: GroupFilters, monkeypatch: pytest.MonkeyPatch
) -> None:
    arn = ensure_filter(group, "bought", BOUGHT).arn
    first = over_model.find(arn)
    monkeypatch.setattr(filters, "_look_up", None)

    assert over_model.find(arn) is first
    assert passing(over_model, arn) == [False, True, True]


def test_filters_made_anew_under_their_name_take_the_place_of_the_old_ones(
    group: DatasetGroup, over_model: GroupFilters, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(filters, "RECHECK_S", 0.0)
    arn = ensure_filter(group, "bought", BOUGHT).arn
    before, kept = passing(over_model, arn), over_model.find(arn)
    again = over_model.find(arn)
    Filter.objects.all().delete()
    with pytest.raises(ResourceNotFound):
        over_model.find(arn)
    ensure_filter(group, "bought", BOUGHT.replace("purchase", "watch"))

    after = passing(over_model, arn)

    assert (before, after) == ([False, True, True], [True, False, True])
    assert again is kept


def test_filters_go_on_while_the_database_is_away(
    group: DatasetGroup, over_model: GroupFilters, monkeypatch: pytest.MonkeyPatch
) -> None:
    arn = ensure_filter(group, "bought", BOUGHT).arn
    known = over_model.find(arn)
    monkeypatch.setattr(filters, "RECHECK_S", 0.0)

    def away(*_: object) -> None:
        raise OperationalError("the database is down")

    monkeypatch.setattr(filters, "_look_up", away)

    assert over_model.find(arn) is known
    with pytest.raises(BackendUnavailable):
        over_model.find("arn:never-seen")


def test_filters_that_are_not_ready_or_do_not_fit_the_model_are_named(
    group: DatasetGroup, over_model: GroupFilters
) -> None:
    pending = ensure_filter(group, "pending", BOUGHT).arn
    Filter.objects.update(status=Status.PENDING)
    unfit = ensure_filter(group, "unfit", "EXCLUDE ItemID WHERE Items.PRICE > 3").arn

    with pytest.raises(ResourceNotReady, match="CREATE PENDING"):
        over_model.find(pending)
    with pytest.raises(InvalidInput, match=r"no Items\.PRICE"):
        over_model.find(unfit)


def test_group_has_ten_filters_at_most(group: DatasetGroup) -> None:
    for number in range(10):
        ensure_filter(group, f"filter-{number}", BOUGHT)

    assert ensure_filter(group, "filter-0", BOUGHT).arn.endswith("filter/filter-0")
    with pytest.raises(InvalidInput, match="10 filters"):
        ensure_filter(group, "one-more", BOUGHT)
