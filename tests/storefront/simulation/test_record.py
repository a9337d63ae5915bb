import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pytest_django import Settings

from storefront.simulation import record
from storefront.simulation.clickstream import draw_population
from storefront.simulation.parameters import Parameters
from tests.storefront.simulation.shelves import ENDS_S, demo_shelf
from tests.storefront.simulation.streams import PARAMETERS, small


@pytest.fixture(autouse=True)
def world_folder(settings: Settings, tmp_path: Path) -> Path:
    settings.WORLD_DIR = tmp_path
    return tmp_path


def test_read_gives_back_the_past_and_the_label_of_every_bot() -> None:
    past = record.Past(PARAMETERS, datetime(2026, 11, 22, 12, tzinfo=UTC))

    record.write(past, small())

    assert record.read() == past
    assert sorted(record.bots()) == [f"bot-{number:05d}" for number in range(1, 9)]
    assert set(record.bots().values()) == {"crawler", "poller"}


def test_a_world_without_a_past_has_no_record_and_no_bots() -> None:
    assert record.read() is None
    assert record.bots() == {}


def test_a_world_simulated_before_bots_is_known_by_what_was_chosen(world_folder: Path) -> None:
    (world_folder / "simulation.json").write_text(json.dumps({"n_shoppers": 500, "seed": 3, "days": 90, "old": 1}))

    past = record.read()

    assert past is not None
    assert past.parameters == replace(Parameters(500), seed=3)
    assert past.ends_at is None


def test_the_tastes_of_the_past_can_be_drawn_again() -> None:
    first, _ = draw_population(PARAMETERS, demo_shelf(), ends_s=ENDS_S)

    again, _ = draw_population(PARAMETERS, demo_shelf(), ends_s=ENDS_S)

    assert (first.themes == again.themes).all()
    assert (first.hype == again.hype).all()
