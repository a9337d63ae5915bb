from __future__ import annotations

from pathlib import Path

from recommendations.engine import artifacts
from recommendations.engine.base import Recommender
from recommendations.engine.choosing.tuning import SETTINGS, choose, choose_settings
from recommendations.engine.evaluation.splits import Case
from recommendations.engine.interactions import Event, Interactions
from recommendations.engine.models.blend import Blend
from recommendations.engine.models.popularity import Popularity
from recommendations.engine.models.rules import SequentialRules
from recommendations.engine.models.vsknn import SessionNeighbours
from recommendations.engine.training import TrainingRun


def make_log() -> Interactions:
    """Each key is followed by its lock; each user has turned another key and lock before."""
    rows = []
    for user in range(300):
        kind = user % 5
        other = (user // 5) % 5
        for time, item in enumerate([f"key-{other}", f"lock-{other}", f"key-{kind}", f"lock-{kind}"]):
            rows.append((f"u{user:03}", item, time))
    users, items, times = zip(*rows, strict=True)
    return Interactions.from_columns(users, items, times, ["view"] * len(rows))


def make_cases(log: Interactions) -> tuple[Case, ...]:
    return tuple(
        Case(user, tuple(log.history(user)[:-1]), frozenset({log.history(user)[-1].item_id}))
        for user in log.user_ids[:40]
    )


def test_choose_lets_a_part_forget_where_the_newest_event_tells_all() -> None:
    log = make_log()
    part = SequentialRules(history_decay=1.0).fit(log)

    decay = choose(part, make_cases(log), k=10, repeats=True)["history_decay"]

    assert decay < 1.0
    assert part.history_decay == 1.0


def test_choose_stays_where_nothing_gains() -> None:
    part = SequentialRules(history_decay=0.42).fit(make_log())
    unanswerable = (Case("u", (Event("key-1", 0, "view"),), frozenset({"never-seen"})),)

    assert choose(part, unanswerable, k=10, repeats=True) == {"history_decay": 0.42}


def test_choose_settings_passes_over_parts_without_any() -> None:
    log = make_log()
    parts: dict[str, Recommender] = {"popularity": Popularity().fit(log), "vsknn": SessionNeighbours().fit(log)}

    chosen = choose_settings(parts, make_cases(log), k=10, repeats=True, run=TrainingRun())

    assert list(chosen) == ["vsknn"]
    assert set(chosen["vsknn"]) == {"history_decay", "sharpness"} == set(SETTINGS)


def test_sharpness_follows_what_is_asked_for() -> None:
    # One visit is most like the history, many are somewhat like it.
    rows = [("one", item, time) for time, item in enumerate(["key", "ring", "case", "lock"])]
    rows += [(f"u{user:02}", item, time) for user in range(12) for time, item in enumerate(["key", "chain"])]
    rows += [(f"w{user:02}", item, time) for user in range(40) for time, item in enumerate(["tea", "pot", "ring"])]
    users, items, times = zip(*rows, strict=True)
    part = SessionNeighbours().fit(Interactions.from_columns(users, items, times, ["view"] * len(rows)))
    history = tuple(Event(item, time, "view") for time, item in enumerate(["key", "ring", "case"]))
    asked = {answer: (Case("v", history, frozenset({answer})),) for answer in ("lock", "chain")}

    sharp, broad = (choose(part, asked[answer], k=5, repeats=False) for answer in ("lock", "chain"))

    assert sharp["sharpness"] > broad["sharpness"]
    assert part.sharpness == SessionNeighbours().sharpness


def test_blend_keeps_the_decay_it_chose_in_its_artifact(tmp_path: Path) -> None:
    parts: dict[str, Recommender] = {"rules": SequentialRules(history_decay=1.0), "popularity": Popularity()}
    log = make_log()
    history = log.history("u000")[:-1]

    model = Blend(parts).fit(log)
    artifacts.save(tmp_path / "model", model)
    loaded = artifacts.load(tmp_path / "model").model

    assert isinstance(loaded, Blend)
    assert model.parts_["rules"].history_decay == loaded.parts_["rules"].history_decay < 1.0
    assert parts["rules"].history_decay == 1.0
    assert loaded.recommend([history], 5)[0] == model.recommend([history], 5)[0]
