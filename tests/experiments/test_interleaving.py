import subprocess
import sys
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from experiments.interleaving import Credit, InterleavedItem, count_credit, find_preference, interleave
from experiments.stats import Inconclusive, Preference

SALT = "9f2c51d03e6b4a7788aa10bb42cc73dd"
LISTS = st.lists(st.sampled_from("abcdefghij"), max_size=10)
N_UNITS = 2000


def seed(unit: int, day: str = "2026-01-05") -> tuple[str, str, str]:
    return SALT, f"shopper-{unit}", day


def show(items: tuple[InterleavedItem, ...]) -> str:
    return " ".join(f"{item.item_id}{(item.team or '-').lower()}" for item in items)


@settings(deadline=None)
@given(LISTS, LISTS, st.integers(0, 12), st.integers(0, 50))
def test_draft_holds_each_item_once_and_is_fair_at_every_place(
    list_a: list[str], list_b: list[str], k: int, unit: int
) -> None:
    items = interleave(list_a, list_b, k=k, seed=seed(unit))

    ids = [item.item_id for item in items]
    assert len(ids) == len(set(ids)) == min(k, len({*list_a, *list_b}))
    for place in range(len(items) + 1):
        teams = Counter(item.team for item in items[:place])
        assert abs(teams["A"] - teams["B"]) <= 1
    for item in items:
        assert item.team != "A" or item.item_id in list_a
        assert item.team != "B" or item.item_id in list_b


@settings(deadline=None)
@given(LISTS, st.integers(0, 12))
def test_draft_of_a_list_with_itself_is_that_list_without_teams(ranked: list[str], k: int) -> None:
    items = interleave(ranked, ranked, k=k, seed=seed(1))

    assert [item.item_id for item in items] == list(dict.fromkeys(ranked))[:k]
    assert {item.team for item in items} <= {None}


def test_draft_gives_no_team_to_the_beginning_that_both_share() -> None:
    drafts = {show(interleave("xyab", "xycd", k=4, seed=seed(unit))) for unit in range(50)}

    assert drafts == {"x- y- aa cb", "x- y- cb aa"}


def test_draft_follows_the_paper_with_either_coin() -> None:
    drafts = {show(interleave("abcd", "bead", k=4, seed=seed(unit))) for unit in range(200)}

    assert drafts == {
        "aa bb ca eb",
        "aa bb eb ca",
        "bb aa ca eb",
        "bb aa eb ca",
    }


def test_draft_goes_on_without_teams_when_a_list_runs_out() -> None:
    items = interleave(["a"], ["b", "c", "d"], k=4, seed=seed(1))

    assert Counter(item.team for item in items) == {"A": 1, "B": 1, None: 2}
    assert show(items).endswith("c- d-")


def test_draft_is_the_same_in_every_process() -> None:
    code = (
        "from experiments.interleaving import interleave;"
        f"print([i.item_id + str(i.team) for i in interleave('abcdef', 'fedcba', k=6, seed={seed(7)!r})])"
    )

    lists = {
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()
        for _ in range(2)
    }

    here = [item.item_id + str(item.team) for item in interleave("abcdef", "fedcba", k=6, seed=seed(7))]
    assert lists == {str(here)}


def test_draft_changes_with_the_day_and_its_coins_are_fair() -> None:
    firsts = [
        [interleave("abcdef", "ghijkl", k=6, seed=seed(unit, day))[place].team for place in (0, 2, 4)]
        for unit in range(N_UNITS)
        for day in ("2026-01-05", "2026-01-06")
    ]

    shares = (np.array(firsts) == "A").mean(axis=0)
    patterns = Counter(map(tuple, firsts))
    days_alike = np.mean([firsts[2 * unit] == firsts[2 * unit + 1] for unit in range(N_UNITS)])
    assert shares == pytest.approx(0.5, abs=0.03)
    assert min(patterns.values()) > 2 * N_UNITS / 8 * 0.85
    assert days_alike == pytest.approx(1 / 8, abs=0.03)


def test_draft_refuses_a_negative_length() -> None:
    with pytest.raises(ValueError, match=r"^k is -1"):
        interleave("ab", "cd", k=-1, seed=seed(1))


def test_credit_counts_each_item_once_for_its_team() -> None:
    items = (
        InterleavedItem("x", None),
        InterleavedItem("a", "A"),
        InterleavedItem("b", "B"),
        InterleavedItem("c", "A"),
    )

    earned = count_credit(items, ["x", "a", "a", "c", "elsewhere"])

    assert earned == Credit(a=2, b=0)
    assert (earned + Credit(0, 2)).preferred is None
    assert Credit(1, 2).preferred == "B"


def test_preference_gives_each_unit_one_vote() -> None:
    answer = find_preference([Credit(0, 50), Credit(2, 1), Credit(3, 0), Credit(), Credit(4, 4)])

    assert isinstance(answer, Preference)
    assert (answer.wins_a, answer.wins_b, answer.ties) == (2, 1, 2)
    assert answer.margin == pytest.approx((1 + 2 / 2) / 5 - 0.5)


def test_preference_without_credit_is_inconclusive() -> None:
    answer = find_preference([Credit(), Credit()])

    assert isinstance(answer, Inconclusive)
    assert answer.code == "no_preferences"


def draw_credits(rng: np.random.Generator, quality_b: float, run: int, n_units: int) -> list[Credit]:
    # Two rankers of the same catalogue; a shopper clicks what it likes, and the top more than the end.
    earned = []
    for unit in range(n_units):
        liked = set(rng.choice(40, 8, replace=False).tolist())
        lists = [
            [str(item) for item in sorted(range(40), key=lambda item: rng.random() - quality * (item in liked))]
            for quality in (0.3, quality_b)
        ]
        items = interleave(*lists, k=10, seed=(f"{SALT}{run}", str(unit), "2026-01-05"))
        seen = [item.item_id for rank, item in enumerate(items) if rng.random() < 0.9**rank]
        earned.append(count_credit(items, [item for item in seen if int(item) in liked and rng.random() < 0.5]))
    return earned


def test_two_rankers_of_one_quality_are_preferred_as_often_as_chance_allows() -> None:
    rng = np.random.default_rng(1)

    answers = [find_preference(draw_credits(rng, 0.3, run, 60)) for run in range(200)]

    decided = [answer for answer in answers if isinstance(answer, Preference)]
    assert len(decided) == 200
    assert np.mean([answer.is_significant for answer in decided]) <= 0.07
    assert np.mean([answer.margin for answer in decided]) == pytest.approx(0, abs=0.015)


def test_a_better_ranker_is_preferred_after_few_units() -> None:
    rng = np.random.default_rng(2)

    answer = find_preference(draw_credits(rng, 0.7, 0, 400))

    assert isinstance(answer, Preference)
    assert answer.is_significant
    assert answer.margin > 0.1
