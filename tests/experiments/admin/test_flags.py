from collections.abc import Callable

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse

from experiments import ramp
from experiments.models import Experiment, Flag
from tests.experiments.conftest import KEY

SignIn = Callable[..., Client]
CHANGER = ("view_flag", "change_flag")


def post_lists(client: Client, flag: Flag) -> None:
    bob = get_user_model().objects.create_user("bob")
    friends = Group.objects.create(name="friends")
    lists = {"staff": "on", "authenticated": "on", "users": str(bob.pk), "groups": [str(friends.pk)]}
    client.post(reverse("admin:experiments_flag_change", args=[flag.pk]), {"name": flag.name, "note": "seen", **lists})


def read_lists(flag: Flag) -> tuple[bool, bool, int, int]:
    flag.refresh_from_db()
    return flag.staff, flag.authenticated, flag.users.count(), flag.groups.count()


@pytest.mark.parametrize("is_rolled_back", [False, True])
def test_lists_of_an_open_phase_are_read_only_with_the_reason(
    running: Experiment, sign_in: SignIn, is_rolled_back: bool
) -> None:
    if is_rolled_back:
        ramp.roll_back(KEY, actor="ann", reason="errors")
    client = sign_in(*CHANGER)

    page = client.get(reverse("admin:experiments_flag_change", args=[running.flag.pk])).content.decode()
    post_lists(client, running.flag)

    assert "would change sides unrecorded" in page
    assert read_lists(running.flag) == (False, False, 0, 0)
    assert running.flag.note == "seen"


def test_lists_can_be_set_between_phases(experiment: Experiment, sign_in: SignIn) -> None:
    client = sign_in(*CHANGER)

    post_lists(client, experiment.flag)

    assert read_lists(experiment.flag) == (True, True, 1, 1)
