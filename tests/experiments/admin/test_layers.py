from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from experiments.admin.layers import draw_layer
from experiments.bucketing import BUCKETS
from experiments.definitions import ensure_experiment
from experiments.models import Experiment, Holdout, Layer
from tests.experiments.admin.conftest import read
from tests.experiments.conftest import VARIATIONS

SignIn = Callable[..., Client]

pytestmark = [pytest.mark.urls("tests.experiments.urls"), pytest.mark.django_db]
HOLDOUT = {"name": "Winter", "key": "winter", "share": "5", "starts_at": "2026-01-01T00:00"}


@pytest.fixture
def layer(experiment: Experiment) -> Layer:
    """The first experiment owns its first fifth, another the tenth after the half."""
    made = Layer.objects.create(key="homepage", name="Homepage")
    other = ensure_experiment(key="other", name="Other", flag_name="other", variations=VARIATIONS)
    for owner, start, stop in ((experiment, 0, 2000), (other, 5000, 6000)):
        Experiment.objects.filter(pk=owner.pk).update(layer=made, layer_start=start, layer_stop=stop)
    return made


def test_layer_is_drawn_whole_with_its_owners_and_what_is_free(layer: Layer) -> None:
    drawn = draw_layer(layer)

    assert [(part.label, part.start, part.width) for part in drawn] == [
        ("Recommended For You", 0, 2000),
        ("Free", 2000, 3000),
        ("Other", 5000, 1000),
        ("Free", 6000, 4000),
    ]
    assert sum(part.width for part in drawn) == BUCKETS


def test_layer_page_lists_owners_and_keeps_its_key(layer: Layer, sign_in: SignIn) -> None:
    client = sign_in("view_layer", "change_layer", "delete_layer")

    html = read(client.get(reverse("admin:experiments_layer_change", args=[layer.pk])))
    listed = read(client.get(reverse("admin:experiments_layer_changelist")))
    deleted = client.post(reverse("admin:experiments_layer_delete", args=[layer.pk]), {"post": "yes"})

    assert "Other</a> buckets 5000 to 6000" in html
    assert 'name="key"' not in html
    assert layer.salt in html
    assert "30%" in listed
    assert deleted.status_code == 403


def test_holdout_takes_its_share_in_percent(sign_in: SignIn) -> None:
    client = sign_in("add_holdout", "view_holdout", "change_holdout")

    asked = read(client.get(reverse("admin:experiments_holdout_add")))
    client.post(reverse("admin:experiments_holdout_add"), HOLDOUT)

    made = Holdout.objects.get()
    assert "and get what is shipped like everybody" in asked
    assert made.share_bp == 500
    html = read(client.get(reverse("admin:experiments_holdout_change", args=[made.pk])))
    assert 'name="share"' not in html
    assert "5%" in html


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"share": "200"}, "Give a percentage from 0 to 100."),
        ({"share": "some"}, "is not a percentage. Give a number"),
    ],
)
def test_holdout_names_the_fault_of_its_share(sign_in: SignIn, wrong: dict[str, str], told: str) -> None:
    client = sign_in("add_holdout", "view_holdout")

    response = client.post(reverse("admin:experiments_holdout_add"), {**HOLDOUT, **wrong})

    assert told in read(response)
    assert not Holdout.objects.exists()


def test_second_open_holdout_is_refused(sign_in: SignIn) -> None:
    client = sign_in("add_holdout", "view_holdout")
    client.post(reverse("admin:experiments_holdout_add"), HOLDOUT)

    response = client.post(reverse("admin:experiments_holdout_add"), {**HOLDOUT, "key": "spring", "name": "Spring"})

    assert "&#x27;Winter&#x27; has no end yet. End it first" in read(response)
    assert Holdout.objects.count() == 1


def test_holdout_keeps_its_share_and_is_ended_not_deleted(sign_in: SignIn) -> None:
    made = Holdout.objects.create(key="winter", name="Winter", share_bp=500)
    client = sign_in("change_holdout", "view_holdout", "delete_holdout")

    ended = client.post(
        reverse("admin:experiments_holdout_change", args=[made.pk]),
        {"name": "Winter", "share": "50", "ends_at": "2100-01-01T00:00"},
    )
    deleted = client.post(reverse("admin:experiments_holdout_delete", args=[made.pk]), {"post": "yes"})

    made.refresh_from_db()
    assert (ended.status_code, deleted.status_code) == (302, 403)
    assert made.share_bp == 500
    assert made.ends_at is not None
