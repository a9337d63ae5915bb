"""Team-draft interleaving: two lists drafted into one, and which of both a unit's clicks prefer."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from experiments.bucketing import BUCKETS, bucket
from experiments.stats import Inconclusive, Preference, sign_test

Team = Literal["A", "B"]
SCOPE = "interleave"


@dataclass(frozen=True, slots=True)
class InterleavedItem:
    """One place of the drafted list.

    Attributes:
        item_id: what is shown.
        team: whose pick it was; None where a click says nothing: in the beginning that both lists share, and after one
            of them ran out.
    """

    item_id: str
    team: Team | None


@dataclass(frozen=True, slots=True)
class Credit:
    """Clicks (or purchases) that each list earned from one unit; add those of its lists and days."""

    a: int = 0
    b: int = 0

    def __add__(self, other: "Credit") -> "Credit":
        if not isinstance(other, Credit):
            return NotImplemented
        return Credit(self.a + other.a, self.b + other.b)

    @property
    def preferred(self) -> Team | None:
        """The list with more credit; None for a tie."""
        if self.a == self.b:
            return None
        return "A" if self.a > self.b else "B"


def interleave(
    list_a: Sequence[str], list_b: Sequence[str], *, k: int, seed: tuple[str, str, str]
) -> tuple[InterleavedItem, ...]:
    """Draft one list from two: whoever has fewer picks takes its best item left; a coin decides between equals.

    The same seed gives the same list in every process, so that a refresh shows what was shown before.

    Args:
        list_a, list_b: item ids, best first. An id that was picked already is passed over.
        k: items wanted, at least 0; fewer come back when both lists together have fewer.
        seed: (salt of the phase, unit, day), so that luck in one day's coins does not last.

    Returns:
        At most k distinct items in order. Items of the beginning that both lists share have no team: either would have
        shown them, and whoever got them by coin would earn what neither deserves.

    Raises:
        ValueError: k is negative.

    Source:
        Radlinski, Kurup and Joachims 2008, "How does clickthrough data reflect retrieval quality?"; Chapelle, Joachims,
        Radlinski and Yue 2012, "Large-scale validation and analysis of interleaved search evaluation", algorithm 2.
    """
    if k < 0:
        raise ValueError(f"k is {k}; ask for at least 0 items.")
    teams: dict[str, Team | None] = dict.fromkeys(list_a[: _count_shared(list_a, list_b)])
    picks: Counter[Team] = Counter()
    while len(teams) < k:
        best_a, best_b = _best_left(list_a, teams), _best_left(list_b, teams)
        if best_a is None or best_b is None:
            break
        team = _next_team(picks, seed)
        picks[team] += 1
        teams[best_a if team == "A" else best_b] = team
    for item_id in (*list_a, *list_b):
        teams.setdefault(item_id, None)
    return tuple(InterleavedItem(item_id, team) for item_id, team in list(teams.items())[:k])


def count_credit(items: Iterable[InterleavedItem], clicked: Collection[str]) -> Credit:
    """Return what one unit's clicks on one list earn each team.

    Args:
        items: the list that the unit saw.
        clicked: ids that it clicked (or bought); each counts once, ids that the list does not hold do not count.
    """
    teams = [item.team for item in items if item.item_id in clicked]
    return Credit(teams.count("A"), teams.count("B"))


def find_preference(credits_by_unit: Iterable[Credit], *, alpha: float = 0.05) -> Preference | Inconclusive:
    """Test which list units prefer, each unit one vote however much it clicked.

    Args:
        credits_by_unit: the sum of each unit's credit; units without any count as ties.
        alpha: significance level.

    Returns:
        The preference; Inconclusive when no unit has one.

    Raises:
        StatsError: alpha is out of range.

    Source:
        Chapelle et al. 2012, section 3; the exact binomial sign test over units.
    """
    votes = Counter(credit.preferred for credit in credits_by_unit)
    return sign_test(wins_a=votes["A"], wins_b=votes["B"], ties=votes[None], alpha=alpha)


def _count_shared(list_a: Sequence[str], list_b: Sequence[str]) -> int:
    """Return how many items both lists have in common from the top on."""
    for rank, (item_a, item_b) in enumerate(zip(list_a, list_b, strict=False)):
        if item_a != item_b:
            return rank
    return min(len(list_a), len(list_b))


def _best_left(ranked: Sequence[str], taken: Mapping[str, Team | None]) -> str | None:
    return next((item_id for item_id in ranked if item_id not in taken), None)


def _next_team(picks: Counter[Team], seed: tuple[str, str, str]) -> Team:
    if picks["A"] != picks["B"]:
        return "A" if picks["A"] < picks["B"] else "B"
    salt, unit, day = seed
    return "A" if bucket(salt, f"{SCOPE}|{day}|{picks['A']}", unit) < BUCKETS // 2 else "B"
