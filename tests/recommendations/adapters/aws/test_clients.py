"""A process has one client of each service, made when it is first used."""

import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from pytest_django import Settings

from recommendations.adapters.aws.clients import client, forget_clients, is_amazon
from tests.running_shop import PROJECT

LOADED = """
import os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "storefront.settings"
import django
django.setup()
import recommendations.adapters.registry
print([name for name in ("boto3", "botocore.session") if name in sys.modules])
"""


@pytest.fixture(autouse=True)
def _somewhere(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_PERSONALIZE", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDNOBODY")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    forget_clients()
    yield
    forget_clients()


def test_registry_is_imported_without_boto3() -> None:
    found = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", LOADED],
        cwd=PROJECT,
        env=dict(os.environ),
        capture_output=True,
        text=True,
        check=True,
    )

    assert found.stdout.strip() == "[]"


def test_all_threads_get_one_client() -> None:
    with ThreadPoolExecutor(8) as pool:
        made = set(map(id, pool.map(lambda _: client("personalize-runtime"), range(32))))

    assert len(made) == 1


def test_page_waits_no_longer_than_its_deadline_and_asks_once(settings: Settings) -> None:
    settings.RECOMMENDATION_DEADLINE_S = 0.2

    config = client("personalize-runtime").meta.config

    assert (config.connect_timeout, config.read_timeout) == (0.2, 0.2)
    assert config.retries["total_max_attempts"] == 1


def test_amazon_is_told_from_a_server_that_speaks_its_protocol(monkeypatch: pytest.MonkeyPatch) -> None:
    theirs = client("personalize")
    monkeypatch.setenv("AWS_ENDPOINT_URL_PERSONALIZE", "http://127.0.0.1:4010")
    forget_clients()

    ours = client("personalize")

    assert is_amazon(theirs)
    assert not is_amazon(ours)
