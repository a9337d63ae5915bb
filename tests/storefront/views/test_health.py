"""Alive, ready, degraded or not: each with its reasons."""

from pathlib import Path

import pytest
from django.db import connection
from django.db.utils import OperationalError
from django.test import Client
from pytest_django import Settings

from recommendations import conf
from recommendations.models import Deployment, LiveCampaign, Rotation


def make_live_campaign() -> None:
    rotation = Rotation.objects.create(key="home", slot="home-recommended")
    side = Deployment.objects.create(rotation=rotation, colour="maize", campaign_arn="arn:1")
    LiveCampaign.objects.create(rotation=rotation, deployment=side, campaign_arn="arn:1", swapped_at=conf.now())


def test_process_that_answers_is_alive_without_database_or_valkey(client: Client) -> None:
    answer = client.get("/healthz")

    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


@pytest.mark.django_db
def test_shop_with_all_its_parts_is_ready(client: Client) -> None:
    make_live_campaign()

    answer = client.get("/readyz")

    assert (answer.status_code, answer.json()["status"]) == (200, "ready")
    assert {check["status"] for check in answer.json()["checks"].values()} == {"ok"}


@pytest.mark.django_db
def test_shop_without_a_live_campaign_is_degraded(client: Client) -> None:
    Rotation.objects.create(key="home", slot="home-recommended")

    answer = client.get("/readyz")

    assert (answer.status_code, answer.json()["status"]) == (200, "degraded")
    assert "manage.py retrain" in answer.json()["checks"]["live_campaign"]["says"]


@pytest.mark.django_db
def test_shop_without_valkey_is_degraded(client: Client, settings: Settings, tmp_path: Path) -> None:
    make_live_campaign()
    settings.STATE_URL = f"unix://{tmp_path}/nobody.sock"

    answer = client.get("/readyz")

    assert (answer.status_code, answer.json()["status"]) == (200, "degraded")
    assert answer.json()["checks"]["valkey"]["status"] == "degraded"


@pytest.mark.django_db
def test_shop_without_its_database_is_not_ready(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise OperationalError("down at db.internal")

    monkeypatch.setattr(connection, "cursor", refuse)

    answer = client.get("/readyz")

    assert (answer.status_code, answer.json()["status"]) == (503, "not_ready")
    assert answer.json()["checks"]["database"]["status"] == "down"
    assert "db.internal" not in answer.content.decode()


def test_robots_keeps_crawlers_out_of_private_pages(client: Client) -> None:
    answer = client.get("/robots.txt")

    assert b"Disallow: /orders/" in answer.content
