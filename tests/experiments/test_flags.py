import json
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from io import StringIO
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AnonymousUser, Group
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.http import HttpRequest
from django.template import Context, Template
from django.test import Client, RequestFactory
from pytest_django.fixtures import Settings
from waffle import flag_is_active
from waffle.testutils import override_flag

from experiments import checks, ramp, switches
from experiments.conf import Unit
from experiments.definitions import ensure_experiment
from experiments.models import Experiment, Flag, Holdout
from tests.experiments.conftest import FLAG, KEY, VARIATIONS
from tests.factories.experiments import plan_experiment

PROJECT = Path(__file__).resolve().parents[2]
EVERYWHERE_WITHIN_S = 5.0
WHO: dict[str, Any] = {"actor": "ann", "reason": "test"}
# Prints each change of what fifty units and one named account get, as another process of the shop sees it.
WATCHER = """
import json, sys, time
import django
django.setup()
from collections import Counter
from experiments.assignment import assign
key, user_pk = sys.argv[1], int(sys.argv[2])
class Named:
    pk, is_authenticated, is_staff = user_pk, True, False
said = None
while True:
    found = Counter(str(assign(key, f"shopper-{n}").reason) for n in range(50))
    seen = {"units": dict(sorted(found.items())), "named": str(assign(key, "shopper-1", user=Named()).reason)}
    if seen != said:
        print(json.dumps(seen), flush=True)
        said = seen
    time.sleep(0.02)
"""


def run(command: str, *arguments: str) -> str:
    out = StringIO()
    call_command(command, *arguments, stdout=out)
    return out.getvalue()


def make_request(unit: str = "shopper-1", user: object = None) -> HttpRequest:
    request = RequestFactory().get("/")
    request.user = user or AnonymousUser()  # type: ignore[assignment]
    request.unit = unit  # type: ignore[attr-defined]
    return request


@pytest.fixture
def own_units(settings: Settings) -> None:
    settings.EXPERIMENT_UNIT = lambda request: Unit(request.unit)


@pytest.mark.parametrize(
    "option", [("--percent", "30"), ("-p", "0"), ("--rollout",), ("--testing",), ("--superusers",)]
)
def test_waffle_flag_refuses_what_would_mislead_and_names_ramp(experiment: Experiment, option: tuple[str, ...]) -> None:
    with pytest.raises(CommandError, match=rf"^--\w+: .*manage.py ramp {KEY} SHARE --reason WHY"):
        run("waffle_flag", FLAG, "--staff", *option)

    assert not Flag.objects.get(name=FLAG).staff


def test_waffle_flag_refuses_it_for_new_and_plain_flags_too(db: None) -> None:
    Flag.objects.create(name="plain")

    for name, more in (("plain", ()), ("new", ("--create",))):
        with pytest.raises(CommandError, match=r"manage\.py ramp KEY SHARE"):
            run("waffle_flag", name, "--percent", "50", *more)

    assert not Flag.objects.filter(name="new").exists()


@pytest.mark.parametrize(("option", "switch"), [("--everyone", "on"), ("--deactivate", "off")])
def test_waffle_flag_leaves_an_experiments_switch_to_ramp(experiment: Experiment, option: str, switch: str) -> None:
    with pytest.raises(CommandError, match=f"{option}: .*manage.py ramp {KEY} {switch} --reason WHY"):
        run("waffle_flag", FLAG, option)

    assert Flag.objects.get(name=FLAG).everyone is None


@pytest.mark.parametrize("option", [("--user", "ann"), ("--group", "friends"), ("--staff",), ("--authenticated",)])
def test_waffle_flag_moves_nobody_while_a_phase_is_open(running: Experiment, option: tuple[str, ...]) -> None:
    get_user_model().objects.create_user("ann")
    Group.objects.create(name="friends")

    with pytest.raises(CommandError, match="would change sides unrecorded"):
        run("waffle_flag", FLAG, *option)

    flag = Flag.objects.get(name=FLAG)
    assert (flag.staff, flag.authenticated, flag.users.count(), flag.groups.count()) == (False, False, 0, 0)


def test_waffle_flag_names_people_and_keeps_a_thrown_kill_switch(experiment: Experiment) -> None:
    get_user_model().objects.create_user("ann")
    Group.objects.create(name="friends")
    switches.ship(KEY, **WHO)
    switches.roll_back(KEY, **WHO)

    run("waffle_flag", FLAG, "--user", "ann", "--group", "friends", "--staff")

    flag = Flag.objects.get(name=FLAG)
    assert (flag.everyone, flag.staff, flag.users.count(), flag.groups.count()) == (False, True, 1, 1)


def test_waffle_flag_still_switches_plain_flags(db: None) -> None:
    run("waffle_flag", "plain", "--create", "--everyone")

    assert Flag.objects.get(name="plain").everyone is True
    assert "plain" in run("waffle_flag", "--list")


def test_waffle_delete_keeps_an_experiments_flag_and_deletes_plain_ones(experiment: Experiment) -> None:
    Flag.objects.create(name="plain")

    with pytest.raises(CommandError, match=f"belongs to experiment '{KEY}'"):
        run("waffle_delete", "--flags", "plain", FLAG)
    kept = Flag.objects.count()
    run("waffle_delete", "--flags", "plain")

    assert kept == 2
    assert list(Flag.objects.values_list("name", flat=True)) == [FLAG]


def test_database_refuses_superusers_on_a_flag(db: None) -> None:
    with pytest.raises(IntegrityError, match="flag_is_never_drawn"), transaction.atomic():
        Flag.objects.create(name="plain", superusers=True)


def test_override_flag_works_in_tests(db: None, own_units: None) -> None:
    with override_flag("plain", active=True):
        inside = flag_is_active(make_request(), "plain")

    assert inside
    assert not flag_is_active(make_request(), "plain")


def test_template_tag_agrees_with_the_assignment(running: Experiment, own_units: None) -> None:
    template = Template(
        "{% load waffle_tags experiments %}{% flag '" + FLAG + "' %}on{% else %}off{% endflag %} "
        "{% variation '" + KEY + "' as found %}{{ found.variation }}"
    )

    shown = {template.render(Context({"request": make_request(f"shopper-{number}")})) for number in range(50)}

    assert shown == {"on treatment", "off control"}


def test_admin_form_shows_no_draw_and_saves_over_no_kill_switch(running: Experiment, client: Client) -> None:
    client.force_login(get_user_model().objects.create_superuser("root", "root@example.com", "x"))
    flag = Flag.objects.get(name=FLAG)
    url = f"/admin/experiments/flag/{flag.pk}/change/"
    page = client.get(url).content.decode()
    stale = Flag.objects.get(pk=flag.pk)
    switches.roll_back(KEY, **WHO)

    stale.note = "Ask the search team."
    stale.save(update_fields=["note", "modified"])
    saved = client.post(url, {"note": "Ask the search team.", "groups": [], "users": ""})

    flag.refresh_from_db()
    assert not any(f'name="{name}"' in page for name in ("percent", "testing", "rollout", "superusers", "languages"))
    assert saved.status_code == 302
    assert (flag.everyone, flag.note) == (False, "Ask the search team.")


def test_admin_says_where_a_flag_is_ramped(experiment: Experiment, client: Client) -> None:
    client.force_login(get_user_model().objects.create_superuser("root", "root@example.com", "x"))
    plain = Flag.objects.create(name="plain")

    pages = [
        client.get(f"/admin/experiments/flag/{path}").content.decode()
        for path in ("", f"{experiment.flag_id}/change/", f"{plain.pk}/change/", "add/")
    ]

    link = f'<a href="/admin/experiments/experiment/{experiment.pk}/change/">Recommended For You</a>'
    assert [link in page for page in pages] == [True, True, False, False]
    assert [page.count("no experiment") for page in pages] == [1, 0, 1, 1]
    assert ['name="everyone"' in page for page in pages[1:]] == [False, True, True]


def test_checks_find_a_project_that_is_set_up_wrongly(settings: Settings) -> None:
    settings.MIDDLEWARE = [
        "experiments.middleware.OverrideMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
    ]
    settings.WAFFLE_FLAG_MODEL = "waffle.Flag"

    found = [*checks.check_flag_model(None), *checks.check_order_of_middleware(None)]

    assert [message.id for message in found] == ["experiments.E001", "experiments.E003"]


def test_checks_find_nothing_in_this_project() -> None:
    found = [*checks.check_flag_model(None), *checks.check_order_of_middleware(None), *checks.check_order_of_apps(None)]

    assert found == []


class Watcher:
    """Two other processes of the shop, told only where the database is; no Valkey answers them."""

    def __init__(self, user_pk: int, environment: dict[str, str]) -> None:
        self._processes = [
            subprocess.Popen(
                [sys.executable, "-c", WATCHER, KEY, str(user_pk)],
                cwd=PROJECT,
                env=environment,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
            )
            for _ in range(2)
        ]
        self._said: queue.Queue[tuple[int, dict[str, Any], float]] = queue.Queue()
        self._listeners = [
            threading.Thread(target=self._listen, args=(place, process), daemon=True)
            for place, process in enumerate(self._processes)
        ]
        for listener in self._listeners:
            listener.start()

    def wait_until_all_say(self, is_so: Callable[[dict[str, Any]], bool], within_s: float) -> float:
        """Seconds until each process has said something that is so."""
        began_s, agreed, last_s = time.monotonic(), set[int](), 0.0
        while len(agreed) < len(self._processes):
            left_s = began_s + within_s - time.monotonic()
            place, seen, at_s = self._said.get(timeout=max(left_s, 0.001))
            if is_so(seen):
                agreed.add(place)
                last_s = at_s
        return last_s - began_s

    def stop(self) -> None:
        for process, listener in zip(self._processes, self._listeners, strict=True):
            process.kill()
            process.wait(60)
            listener.join(60)

    def _listen(self, place: int, process: "subprocess.Popen[str]") -> None:
        assert process.stdout is not None
        with process.stdout as said:
            for line in said:
                self._said.put((place, json.loads(line), time.monotonic()))


def url_of_test_database() -> str:
    options = {name: value for name, value in connection.settings_dict["OPTIONS"].items() if name != "connect_timeout"}
    wanted = {name: value for name, value in options.items() if isinstance(value, str | int)}
    return f"postgresql:///{connection.settings_dict['NAME']}?{urlencode(wanted)}"


@pytest.fixture
def watcher(transactional_db: None) -> Iterator[Watcher]:
    user = get_user_model().objects.create_user("ann")
    ensure = ensure_experiment(key=KEY, name="Recommended For You", flag_name=FLAG, variations=VARIATIONS)
    plan_experiment(ensure)
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "storefront.settings",
        "DATABASE_URL": url_of_test_database(),
        "REDIS_URL": "unix:///nowhere/valkey.sock",
    }
    watching = Watcher(user.pk, environment)
    yield watching
    watching.stop()


def name_on_flag() -> None:
    """As another tool would: the pages and the command refuse it while a phase is open."""
    Flag.objects.get(name=FLAG).users.add(get_user_model().objects.get(username="ann"))


def hold_everybody_out() -> None:
    Holdout.objects.create(key="2026-q4", name="Fourth quarter", share_bp=10_000)


def test_every_change_reaches_other_processes_within_five_seconds_without_valkey(watcher: Watcher) -> None:
    changes: list[tuple[Callable[[], object], Callable[[dict[str, Any]], bool]]] = [
        (lambda: ramp.start(KEY, coverage_bp=10_000, **WHO), lambda seen: seen["units"] == {"in_phase": 50}),
        (name_on_flag, lambda seen: seen["named"] == "targeted"),
        (hold_everybody_out, lambda seen: seen["units"] == {"holdout": 50}),
        (lambda: Holdout.objects.all().delete(), lambda seen: seen["units"] == {"in_phase": 50}),
        (lambda: ramp.set_coverage(KEY, coverage_bp=3000, **WHO), lambda seen: "exempt" in seen["units"]),
        (lambda: switches.roll_back(KEY, **WHO), lambda seen: seen["units"] == {"off": 50}),
    ]
    watcher.wait_until_all_say(lambda seen: seen["units"] == {"off": 50}, 180)

    took_s = []
    for change, is_so in changes:
        change()
        took_s.append(watcher.wait_until_all_say(is_so, 60))

    # Others who use the machine may delay one of them; a process that does not look again would be late with each.
    assert sorted(took_s)[-2] < EVERYWHERE_WITHIN_S, took_s
