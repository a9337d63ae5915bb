"""Reasons of a list: worked out when looked at, never the item itself, never a trifle."""

from collections.abc import Sequence

import pytest

from recommendations.adapters.embedded.because import Because
from recommendations.engine.answers.explaining import Contribution
from recommendations.engine.interactions import Event, Interactions
from recommendations.engine.live.activity import LiveActivity
from recommendations.engine.models.rules import SequentialRules
from recommendations.engine.models.vsknn import SessionNeighbours

HISTORY = [Event("a", 1, "product_view"), Event("b", 2, "product_view")]


@pytest.fixture
def model() -> SequentialRules:
    rows = [(f"u{user}", item, user * 100 + place) for user in range(30) for place, item in enumerate("abcd")]
    users, items, times = zip(*rows, strict=True)
    return SequentialRules().fit(Interactions.from_columns(users, items, times, ["product_view"] * len(rows)))


def test_because_names_the_item_that_pulled_most(model: SequentialRules) -> None:
    (item_ids,), (scores,) = model.recommend([HISTORY], 4)

    because = Because(model, HISTORY, dict(zip(item_ids, scores.tolist(), strict=True)))

    assert {item: because[item] for item in ("c", "d")} == {"c": "b", "d": "b"}
    assert len(because) == len(list(because)) >= 2


def test_because_names_no_item_as_its_own_reason(model: SequentialRules, monkeypatch: pytest.MonkeyPatch) -> None:
    def explain(_history: object, item_ids: Sequence[str], _n: int, **_given: object) -> dict[str, list[Contribution]]:
        return {item_id: [Contribution("b", 0.5), Contribution("a", 0.3)] for item_id in item_ids}

    monkeypatch.setattr(model, "explain_list", explain)

    assert dict(Because(model, HISTORY, {"a": 1.0, "b": 1.0, "c": 1.0})) == {"a": "b", "b": "a", "c": "b"}


def test_because_leaves_trifles_out_and_asks_once(model: SequentialRules, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Sequence[str]] = []

    def explain(_history: object, item_ids: Sequence[str], _n: int, **_given: object) -> dict[str, list[Contribution]]:
        asked.append(item_ids)
        return {item_ids[0]: [Contribution("a", 0.09)], item_ids[1]: [Contribution("a", 0.11)]}

    monkeypatch.setattr(model, "explain_list", explain)
    because = Because(model, HISTORY, {f"i{number:02}": 1.0 for number in range(80)})

    assert (because.get("i00"), because.get("i01"), because.get("i79")) == (None, "a", None)
    assert [len(items) for items in asked] == [50]


def test_because_names_the_first_of_many_that_vouch_together(
    model: SequentialRules, monkeypatch: pytest.MonkeyPatch
) -> None:
    causes = [Contribution(name, amount) for name, amount in (("a", 0.05), ("d", 0.04), ("e", 0.03), ("f", 0.02))]
    monkeypatch.setattr(
        model, "explain_list", lambda *_, **__: {"c": causes, "a": causes[:3], "d": [causes[1], causes[3]]}
    )

    because = dict(Because(model, HISTORY, {"c": 1.0, "a": 1.0, "d": 1.0}))

    assert because == {"c": "a"}


def test_because_tells_of_what_live_neighbours_brought() -> None:
    rows = [(f"u{user}", item, user * 10_000 + place) for user in range(30) for place, item in enumerate("ab")]
    rows += [(f"v{user}", item, user * 10_000 + place) for user in range(30) for place, item in enumerate("xy")]
    users, items, times = zip(*rows, strict=True)
    model = SessionNeighbours().fit(Interactions.from_columns(users, items, times, ["product_view"] * len(rows)))
    live = LiveActivity(model.item_ids_)
    for place, item in enumerate("by"):
        live.add("somebody else", Event(item, 400_000 + place, "product_view"))
    (item_ids,), (scores,) = model.recommend([HISTORY], 4, live=live)
    listed = dict(zip(item_ids, scores.tolist(), strict=True))

    because = Because(model, HISTORY, listed, live=live)

    assert because["y"] == "b"
    assert "y" not in Because(model, HISTORY, listed)
