"""Why items are in a list, worked out when somebody looks: the item of the history that pulled each one up most."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

from recommendations.engine.answers.encoding import Traits
from recommendations.engine.answers.explaining import MOST_TAKEN_OUT, Contribution
from recommendations.engine.base import Recommender
from recommendations.engine.interactions import Event
from recommendations.engine.live.activity import LiveActivity

# Nobody reads reasons further down a list than this.
EXPLAINED = 50
# A share of an item's score that must come from other items of the history, so that one of them is worth naming.
LEAST_SHARE = 0.1


class Because(Mapping[str, str]):
    """For each item of a list that has one, the item of the history whose absence would cost it most.

    Args:
        model: what made the list.
        history: what it was made from, oldest first.
        scores: the list's items and their scores.
        live, traits: what else it was made from.
    """

    def __init__(
        self,
        model: Recommender,
        history: Sequence[Event],
        scores: Mapping[str, float],
        *,
        live: LiveActivity | None = None,
        traits: Traits | None = None,
    ) -> None:
        self._model = model
        self._history = history
        self._scores = scores
        self._live = live
        self._traits = traits

    def __getitem__(self, item_id: str) -> str:
        """Return the history item behind an item."""
        return self._reasons[item_id]

    def __iter__(self) -> Iterator[str]:
        """Return the items that have a reason."""
        return iter(self._reasons)

    def __len__(self) -> int:
        """Return how many items have a reason."""
        return len(self._reasons)

    @cached_property
    def _reasons(self) -> dict[str, str]:
        first = list(self._scores)[:EXPLAINED]
        explained = self._model.explain_list(self._history, first, MOST_TAKEN_OUT, live=self._live, traits=self._traits)
        named = ((item_id, self._name(item_id, causes)) for item_id, causes in explained.items())
        return {item_id: name for item_id, name in named if name}

    def _name(self, item_id: str, causes: Sequence[Contribution]) -> str:
        # An item that was looked at before would itself be the best reason, and tell nothing.
        others = [cause for cause in causes if cause.item_id != item_id]
        # Together: where several vouch for an item, it does without any one of them.
        if not others or sum(cause.amount for cause in others) < LEAST_SHARE * self._scores[item_id]:
            return ""
        return others[0].item_id
