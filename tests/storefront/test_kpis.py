"""Rates, shares and gauges of the last hour, and their lines."""

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from storefront.kpis import HEIGHT, MARGIN, MINUTES, WIDTH, Minute, kpis_of, sparkline

BUSY: Minute = {
    "pages": 30.0,
    "event.product_view": 20.0,
    "event.row_click": 5.0,
    "event.impression": 60.0,
    "event.served": 90.0,
    "refused": 0.5,
    "second_row.recommended": 8.0,
    "second_row.trending": 12.0,
    "answer.personal": 6.0,
    "answer.popular": 2.0,
    "stream_lag": 1200.0,
    "model_age_h": 5.5,
}


def figures(minutes: list[Minute]) -> dict[str, str]:
    return {kpi.name: kpi.figure for kpi in kpis_of(minutes)}


def test_busy_hour_is_told_in_figures() -> None:
    minutes = [BUSY] * MINUTES + [{}]

    assert figures(minutes) == {
        "Page views": "30/min",
        "Events": "25/min",
        "Impressions": "60/min",
        "Refused events": "0.5/min",
        "Personal second rows": "30%",
        "Fallback": "25%",
        "Stream lag": "1,200",
        "Live model's age": "5.5 h",
    }


def test_hour_without_anything_has_rates_of_nought_and_no_shares() -> None:
    minutes: list[Minute] = [{}] * (MINUTES + 1)

    assert figures(minutes) == {
        "Page views": "0/min",
        "Events": "0/min",
        "Impressions": "0/min",
        "Refused events": "0/min",
        "Personal second rows": "–",
        "Fallback": "–",
        "Stream lag": "–",
        "Live model's age": "–",
    }


def test_events_are_told_by_type_busiest_first() -> None:
    (events,) = [kpi for kpi in kpis_of([BUSY] * 6) if kpi.name == "Events"]

    assert events.remark == "product view 20, row click 5"


def test_sparkline_spans_the_width_and_rises_with_the_figure() -> None:
    points = [tuple(map(float, point.split(","))) for point in sparkline([0.0, 5.0, 10.0]).split()]

    assert points == [(MARGIN, HEIGHT - MARGIN), (WIDTH / 2, HEIGHT / 2), (WIDTH - MARGIN, MARGIN)]


@pytest.mark.parametrize(("values", "n_points"), [([], 0), ([None, None], 0), ([None, 3.0], 1), ([0.0, 0.0], 2)])
def test_sparkline_leaves_out_what_is_missing(values: list[float | None], n_points: int) -> None:
    assert len(sparkline(values).split()) == n_points


@pytest.mark.django_db
def test_front_page_of_the_admin_shows_the_figures_without_inline_style_or_script(admin_client: Client) -> None:
    page = admin_client.get(reverse("admin:index")).content.decode()
    strip = page[page.index('class="kpis"') : page.index("</dl>")]

    assert strip.count("<polyline") == 8
    assert "style=" not in strip
    assert "<script" not in strip


@pytest.mark.django_db
def test_front_page_of_the_admin_stands_without_valkey(admin_client: Client, settings: Settings) -> None:
    settings.STATE_URL = "unix:///nonexistent/valkey.sock"

    page = admin_client.get(reverse("admin:index"))

    assert page.status_code == 200
    assert "Valkey is out of reach" in page.content.decode()
