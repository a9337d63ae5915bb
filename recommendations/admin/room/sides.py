"""Both sides of a rotation: which is live since when, what each was built of, and what becomes of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from recommendations.admin.room.findings import count_interactions
from recommendations.admin.room.measures import headline_of
from recommendations.admin.room.spans import say_span
from recommendations.models import Colour, Deployment, LiveCampaign, RetrainRun
from recommendations.retrain_status import RetrainStatus

# A night missed and half a day: the same age at which the alarm goes off.
STALE_AFTER = timedelta(hours=36)


@dataclass(frozen=True, slots=True)
class Side:
    """One colour: `state` is live, kept, dormant, building or empty; the facts are of what it holds."""

    colour: str
    name: str
    state: str
    story: str
    run: RetrainRun | None = None
    trained_at: datetime | None = None
    age: str = ""
    is_stale: bool = False
    interactions: str = ""
    ndcg: str = ""
    campaign: str = ""

    @property
    def is_built(self) -> bool:
        return self.state in {"live", "kept", "dormant"}

    @property
    def word(self) -> str:
        return "being built" if self.state == "building" else self.state


@dataclass(frozen=True, slots=True)
class Pair:
    """What is known of a rotation, as read in one go; `builders` are runs by the name of what they built."""

    live: LiveCampaign | None
    deployments: Sequence[Deployment]
    builders: Mapping[str, RetrainRun]
    active: RetrainRun | None
    rollback_until: datetime | None
    # Campaigns that cost money go after a short drain, others when the next run starts.
    bills: bool = False

    @property
    def can_roll_back(self) -> bool:
        return self.rollback_until is not None

    def say_rollback_end(self) -> str:
        """Until when the old side is kept, as the end of a sentence."""
        if self.rollback_until is None:
            return ""
        moment = f"{self.rollback_until:%-d %b, %H:%M}"
        return f"until {moment}" if self.bills else f"until the next retrain starts, {moment} at the latest"


def describe_sides(pair: Pair, now: datetime) -> tuple[Side, ...]:
    """Return Maize, then Blue."""
    by_colour = {deployment.colour: deployment for deployment in pair.deployments}
    return tuple(_describe(pair, colour, by_colour.get(colour), now) for colour in Colour)


def _describe(pair: Pair, colour: Colour, deployment: Deployment | None, now: datetime) -> Side:
    name = str(colour.label)
    is_live = pair.live is not None and deployment is not None and pair.live.deployment_id == deployment.pk
    is_kept = not is_live and pair.can_roll_back
    if pair.active is not None and pair.active.colour == colour and not is_live and not is_kept:
        return Side(
            colour,
            name,
            "building",
            f"Run {pair.active.pk} is at {pair.active.status}.",
            run=pair.active,
            interactions=count_interactions(pair.active.report),
        )
    if deployment is None or not deployment.campaign_arn:
        return Side(colour, name, "empty", "Nothing is here; a retrain fills it.")
    campaign = deployment.campaign_arn.rpartition("/")[2]
    builder = pair.builders.get(campaign)
    story = _live_story(pair.live, now) if is_live and pair.live is not None else _kept_story(pair, builder)
    headline = headline_of(deployment.metrics)
    age = now - deployment.trained_at if deployment.trained_at else None
    return Side(
        colour,
        name,
        state="live" if is_live else "kept" if is_kept else "dormant",
        story=story,
        run=builder,
        trained_at=deployment.trained_at,
        age=say_span(age) if age is not None else "",
        is_stale=is_live and age is not None and age > STALE_AFTER,
        interactions=count_interactions(builder.report) if builder is not None else "",
        ndcg=f"{headline.value:.4f}" if headline is not None else "",
        campaign=campaign,
    )


def _live_story(live: LiveCampaign | None, now: datetime) -> str:
    if live is None:
        return ""
    return f"Serves since {live.swapped_at:%-d %b %Y, %H:%M:%S}, for {say_span(now - live.swapped_at)}."


def _kept_story(pair: Pair, builder: RetrainRun | None) -> str:
    if pair.can_roll_back:
        return f"Serves nobody; kept to roll back to {pair.say_rollback_end()}."
    if builder is not None and builder.status == RetrainStatus.FAILED:
        return f"Serves nobody; left by run {builder.pk}, which failed, until the next retrain clears it."
    return "Serves nobody; the next retrain clears it."
