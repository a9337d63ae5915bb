"""What a request must know of a campaign or recommender: looked up once in some seconds, shared by threads."""

import threading
import time
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from recommendations.adapters.embedded.backend import RUNTIME
from recommendations.adapters.embedded.datasets import read_metadata_of
from recommendations.engine.attributes.metadata import Metadata
from recommendations.engine.recipes import get_recipe
from recommendations.models.filters import Filter
from recommendations.models.resources import Campaign, Recommender, Status
from recommendations.ports import DatasetType
from recommendations.server.recommending import hidden_filter_arn
from recommendations.server.wire.faults import invalid, not_found

TTL_S = 2.0
# The same where the group takes no events: its tracker may be made at any moment, and be used the next.
UNTRACKED_TTL_S = 0.25
REMEMBERED = 64
# Amazon Personalize developer guide, "Getting recommendations": these kinds of recipe give scores.
SCORED = frozenset({"USER_PERSONALIZATION", "PERSONALIZED_RANKING"})


@dataclass(frozen=True, slots=True)
class Served:
    """A campaign as a request sees it.

    Attributes:
        campaign_arn: who answers.
        recipe_kind: what its recipe answers.
        gives_scores: whether items come with scores; a domain's recommenders give none.
        filter_arn: of the filter that its lists always pass; empty for none.
        basis: what it serves and explores by; the runtime must look again where it changes.
        is_tracked: whether its group takes events.
        items: what may be told of items; None where the campaign was made to tell nothing.
    """

    campaign_arn: str
    recipe_kind: str
    gives_scores: bool
    filter_arn: str = ""
    basis: tuple[object, ...] = ()
    is_tracked: bool = True
    items: Metadata | None = field(default=None, compare=False)

    @property
    def has_metadata(self) -> bool:
        """Whether it tells anything of its items."""
        return self.items is not None

    @property
    def metadata_columns(self) -> frozenset[str]:
        """The columns that it can tell."""
        items = self.items
        if items is None:
            return frozenset()
        dated = {"CREATION_TIMESTAMP"} if items.is_dated else set()
        return frozenset({*items.categorical, *items.numerical, *items.textual, *dated})

    def metadata_of(self, item_id: str, columns: Sequence[str]) -> Mapping[str, str]:
        """Return what is known of an item, by column; a column without a value is left out."""
        items = self.items
        row = items.find(item_id) if items is not None else -1
        if items is None or row < 0:
            return {}
        told: dict[str, str] = {}
        for name in columns:
            if name in items.categorical:
                told[name] = "|".join(items.categorical[name][row])
            elif name in items.numerical:
                told[name] = f"{items.numerical[name][row]:g}"
            elif name in items.textual:
                told[name] = items.textual[name][row]
            elif items.created_at is not None:
                told[name] = str(int(items.created_at[row]))
        return {name: text for name, text in told.items() if text and text != "nan"}


_known: OrderedDict[str, tuple[Served, float]] = OrderedDict()
_lock = threading.Lock()


def find_served(arn: str) -> Served:
    """Return what answers for an ARN, at most two seconds old.

    Args:
        arn: of a campaign or of a recommender.

    Raises:
        ApiFault: ResourceNotFoundException; InvalidInputException while it is not ACTIVE.
    """
    with _lock:
        known = _known.get(arn)
    if known is not None and time.monotonic() - known[1] < (TTL_S if known[0].is_tracked else UNTRACKED_TTL_S):
        return known[0]
    served = _look_up(arn, known[0] if known is not None else None)
    with _lock:
        _known[arn] = (served, time.monotonic())
        _known.move_to_end(arn)
        while len(_known) > REMEMBERED:
            _known.popitem(last=False)
    return served


def forget_served() -> None:
    """Look everything up again; for tests."""
    with _lock:
        _known.clear()


def _look_up(arn: str, before: Served | None) -> Served:
    campaigns = Campaign.objects.select_related("solution_version__solution__dataset_group__event_tracker")
    if ":recommender/" in arn:
        recommender = Recommender.objects.filter(arn=arn).first()
        if recommender is None:
            raise not_found(arn)
        if recommender.status != Status.ACTIVE:
            raise invalid(f"{arn} is {recommender.status}; it answers once it is ACTIVE.")
        campaign = campaigns.get(solution_version__solution__recommender=recommender)
    else:
        found = campaigns.filter(arn=arn, solution_version__solution__recommender=None).first()
        if found is None:
            raise not_found(arn)
        if found.status != Status.ACTIVE:
            raise invalid(f"{arn} is {found.status}; it answers once it is ACTIVE.")
        campaign = found
    kind = get_recipe(campaign.solution_version.solution.recipe).kind
    is_domain = ":recommender/" in arn
    tracker = getattr(campaign.solution_version.solution.dataset_group, "event_tracker", None)
    basis = (campaign.pk, campaign.solution_version_id, campaign.updated_at, tracker.pk if tracker else None)
    if before is not None and before.basis != basis:
        RUNTIME.look_again(campaign.arn)
    items = None
    if campaign.config.get("enableMetadataWithRecommendations"):
        # Read anew only where the campaign changed, as Amazon does not promise to tell of what came since.
        is_known = before is not None and before.basis == basis
        items = before.items if is_known and before is not None else _read_items(campaign)
    return Served(
        campaign.arn,
        kind,
        kind in SCORED and not is_domain,
        _hidden_filter(campaign),
        basis,
        tracker is not None,
        items,
    )


def _read_items(campaign: Campaign) -> Metadata:
    items = read_metadata_of(campaign.solution_version.solution.dataset_group, DatasetType.ITEMS)
    return items if items is not None else Metadata(())


def _hidden_filter(campaign: Campaign) -> str:
    """Return the ARN of the filter that a recommender's lists always pass; empty for none."""
    recommender = campaign.solution_version.solution.recommender
    if recommender is None:
        return ""
    arn = hidden_filter_arn(recommender)
    return arn if Filter.objects.filter(arn=arn).exists() else ""
