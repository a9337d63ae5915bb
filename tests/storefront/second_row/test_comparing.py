"""How often campaigns are asked only to be compared: seldom."""

import pytest

from storefront.page_view import PageView
from storefront.second_row.comparing import REMEMBERED, DifferentLately
from storefront.second_row.row import second_row
from tests.factories.second_row import look_at, make_shopper_in, run_experiment, serve_rotation, stock_shop
from tests.fakes.runtime import FakeRuntime

K = 6


@pytest.mark.django_db
def test_lists_that_differ_are_compared_once_for_many_views(monkeypatch: pytest.MonkeyPatch) -> None:
    skus = stock_shop()
    own, other = FakeRuntime(skus[:K]), FakeRuntime(skus[K : 2 * K])
    serve_rotation(monkeypatch, "one", own)
    serve_rotation(monkeypatch, "other", other)
    run_experiment({"rotation": "one"}, {"rotation": "other"})
    shopper = make_shopper_in("control")
    look_at(shopper, skus[49])

    for _ in range(5):
        second_row(PageView(shopper), set(), k=K)

    assert (own.n_calls, other.n_calls) == (5, 1)


@pytest.mark.django_db
def test_rule_against_campaign_asks_nothing_more(monkeypatch: pytest.MonkeyPatch) -> None:
    skus = stock_shop()
    runtime = FakeRuntime(skus[:K])
    serve_rotation(monkeypatch, "home", runtime)
    run_experiment({"rule": "trending"}, {"rotation": "home"})
    shopper = make_shopper_in("control")
    look_at(shopper, skus[49])

    second_row(PageView(shopper), set(), k=K)

    assert runtime.n_calls == 0


def test_memory_of_differences_is_bounded() -> None:
    known = DifferentLately()

    for number in range(REMEMBERED + 1):
        known.add(1, str(number))

    assert not known.knows(1, "0")
    assert known.knows(1, str(REMEMBERED))
    assert not known.knows(2, str(REMEMBERED))
