"""PURE: the gates by name, and their bounds, which a rotation may set for itself."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Self

from recommendations.exceptions import InvalidInput

# Gate -> what it looks at.
GATES: Mapping[str, str] = {
    "schema_errors": "rows that do not fit their dataset's schema",
    "row_count": "interactions exported, against the median of the last seven days' runs",
    "offline_paired": "NDCG@25 on what the same shoppers did after the live model's data ended, against the live model",
    "offline_drop": "NDCG@25 on held-out shoppers, against what the live model had when it was measured",
    "heartbeat": "twenty real shoppers get enough listed items each, within the deadline",
    "coverage": "different items in the lists of sampled shoppers, against the live campaign",
    "popularity": "slots taken by the 20 most popular items",
    "overlap": "slots that hold the same item as the live campaign's lists",
}
# A campaign that does not answer as it must is never made live, whatever anybody says.
NEVER_WAIVED = frozenset({"heartbeat"})


@dataclass(frozen=True, slots=True)
class GateBounds:
    """Shares 0..1; the keys of `Rotation.gates`.

    Attributes:
        max_refused_share: of rows that do not fit their schema, in any dataset.
        max_row_change_share: of the median by which the number of interactions may differ, up or down.
        max_offline_loss_share: of the live model's NDCG@25 that the new one may lose on the same shoppers.
        max_offline_drop_share: of the live model's NDCG@25, as it was measured, that the new one may lose on others.
        min_coverage_share: of the items that the lists could show.
        min_coverage_of_live_share: of the different items that the live campaign shows to the same shoppers.
        max_popular_share: of all slots, for the 20 most popular items.
        min_overlap_share: of slots in common with the live campaign; less is another model.
        max_overlap_share: of slots in common with the live campaign; 1 lets a model that learnt nothing new pass.
    """

    max_refused_share: float = 0.01
    max_row_change_share: float = 0.30
    max_offline_loss_share: float = 0.05
    max_offline_drop_share: float = 0.30
    min_coverage_share: float = 0.05
    min_coverage_of_live_share: float = 0.70
    max_popular_share: float = 0.70
    min_overlap_share: float = 0.25
    max_overlap_share: float = 1.0

    @classmethod
    def parse(cls, given: Mapping[str, Any]) -> Self:
        """Return the bounds of a rotation: its own where it names them, the defaults elsewhere.

        Args:
            given: `Rotation.gates`.

        Raises:
            InvalidInput: an unknown bound, or one that is no share; names the bound and the fix.
        """
        known = {field.name for field in fields(cls)}
        for name, value in given.items():
            if name not in known:
                raise InvalidInput(f"gates[{name!r}] is unknown; the bounds are: {', '.join(sorted(known))}.")
            if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
                raise InvalidInput(f"gates[{name!r}] is {value!r}; give a share from 0 to 1.")
        return cls(**given)
