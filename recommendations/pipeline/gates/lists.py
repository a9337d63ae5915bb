"""Gates on what the new campaign shows real shoppers, beside the live one: coverage, popularity, overlap."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from recommendations.exceptions import RecommendationsError
from recommendations.pipeline.context import Progress, ignore_progress
from recommendations.pipeline.gates.bounds import GateBounds
from recommendations.pipeline.gates.results import GateResult, judged, not_judged

K = 12
N_SHOPPERS = 200
# Among fewer items, twenty popular ones are most of the catalogue.
MIN_LISTED = 100
NO_LIVE = "Nothing is live yet."
SAME_FOR_ALL = "The recipe gives everyone the same list."
# Recipes that mean to show the same few items to everybody.
IMPERSONAL = ("aws-popularity-count", "aws-trending-now")

Lists = Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class Sampled:
    """What sampled shoppers got, or what was given beside sampled items.

    Attributes:
        new: one list a shopper or item, from the new campaign.
        live: the same ones' lists from the live campaign; None where it has none to give.
        why_not: why there are none.
        noun: what was sampled, `shopper` or `item`.
    """

    new: Lists
    live: Lists | None
    why_not: str = ""
    noun: str = "shopper"


def sample_lists(
    subjects: Sequence[str],
    ask_new: Callable[[str], Sequence[str]],
    ask_live: Callable[[str], Sequence[str]] | None,
    *,
    progress: Progress = ignore_progress,
    noun: str = "shopper",
) -> Sampled:
    """Ask both campaigns the same. A live campaign that does not answer must not keep a new one out.

    Args:
        subjects: shopper keys, or items that others are asked beside.
        ask_new: the new campaign's list for one of them.
        ask_live: the live campaign's; None where nothing is live.
        progress: takes the share done, 0..1, and a note.
        noun: what a subject is.

    Raises:
        RecommendationsError: the new campaign did not answer.
    """
    new, live, why_not = [], [], "" if ask_live else NO_LIVE
    for number, subject in enumerate(subjects):
        progress(number / len(subjects), f"comparing {noun}s' lists with the live campaign's")
        new.append(tuple(ask_new(subject)))
        if ask_live is None or why_not:
            continue
        try:
            live.append(tuple(ask_live(subject)))
        except RecommendationsError as error:
            why_not = f"The live campaign does not answer: {error}"
    return Sampled(new, None if why_not else live, why_not, noun)


def check_coverage(sampled: Sampled, n_listed: int, recipe: str, bounds: GateBounds) -> GateResult:
    """Return whether the lists hold enough different items, of the catalogue and beside the live campaign's.

    Args:
        sampled: both campaigns' lists.
        n_listed: items that the catalogue lists.
        recipe: the rotation's.
        bounds: `min_coverage_share` and `min_coverage_of_live_share` are used.
    """
    bound = f"at least {bounds.min_coverage_share:.0%}, and {bounds.min_coverage_of_live_share:.0%} of live's"
    possible = min(n_listed, sum(map(len, sampled.new)))
    if recipe in IMPERSONAL or not possible:
        return not_judged("coverage", bound, SAME_FOR_ALL if possible else "No item is listed.")
    n_shown = _n_items(sampled.new)
    share = n_shown / possible
    note = f"{len(sampled.new)} {sampled.noun}s get {n_shown:,} different items of {possible:,} possible"
    is_passed = share >= bounds.min_coverage_share
    if sampled.live is not None and (n_live := _n_items(sampled.live)):
        note += f", {n_shown / n_live:.0%} of live's {n_live:,}"
        is_passed = is_passed and n_shown / n_live >= bounds.min_coverage_of_live_share
    return judged("coverage", share, bound, f"{note}.", is_passed=is_passed)


def check_popularity(
    sampled: Sampled, top_item_ids: Sequence[str], n_listed: int, recipe: str, bounds: GateBounds
) -> GateResult:
    """Return whether the most popular items leave room for others.

    Args:
        sampled: the new campaign's lists are used.
        top_item_ids: the 20 items with most interactions.
        n_listed: items that the catalogue lists.
        recipe: the rotation's.
        bounds: `max_popular_share` is used.
    """
    bound = f"at most {bounds.max_popular_share:.0%}"
    if recipe in IMPERSONAL:
        return not_judged("popularity", bound, SAME_FOR_ALL)
    if n_listed < MIN_LISTED:
        return not_judged("popularity", bound, f"The catalogue lists {n_listed} items, fewer than {MIN_LISTED}.")
    top = set(top_item_ids)
    n_slots = sum(map(len, sampled.new))
    share = sum(item_id in top for item_ids in sampled.new for item_id in item_ids) / n_slots if n_slots else 0.0
    note = f"The {len(top)} most popular items take {share:.0%} of {n_slots:,} slots."
    return judged("popularity", share, bound, note, is_passed=share <= bounds.max_popular_share)


def check_overlap(sampled: Sampled, bounds: GateBounds) -> GateResult:
    """Return whether the new lists are neither strangers to the live ones nor, where that is asked, the same.

    Args:
        sampled: both campaigns' lists.
        bounds: `min_overlap_share` and `max_overlap_share` are used.
    """
    low, high = bounds.min_overlap_share, bounds.max_overlap_share
    bound = f"{low:.0%} to {high:.0%}"
    if sampled.live is None:
        return not_judged("overlap", bound, sampled.why_not)
    n_slots = sum(map(len, sampled.new))
    n_common = sum(len(set(new) & set(live)) for new, live in zip(sampled.new, sampled.live, strict=True))
    share = n_common / n_slots if n_slots else 0.0
    note = f"{share:.0%} of {n_slots:,} slots hold an item of the same {sampled.noun}'s live list."
    return judged("overlap", share, bound, note, is_passed=low <= share <= high)


def _n_items(lists: Lists) -> int:
    return len({item_id for item_ids in lists for item_id in item_ids})
