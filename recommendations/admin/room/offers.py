"""What may be done about a rotation now, by whom, and why not where it may not."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, PermissionsMixin
from django.urls import reverse

from recommendations.admin.room.sides import Pair
from recommendations.models import Colour, Rotation
from recommendations.pipeline.states import TRANSITIONS, RetrainStatus

WAIVE_PERMISSION = "recommendations.add_gatewaiver"
RETRAIN, ABANDON, ROLL_BACK = "retrain", "abandon", "roll-back"
User = AbstractBaseUser | AnonymousUser


@dataclass(frozen=True, slots=True)
class Offer:
    """One button; `refusal` says why it is shut, `hint` what to know before."""

    name: str
    title: str
    url: str
    tone: str
    hint: str = ""
    refusal: str = ""

    @property
    def is_open(self) -> bool:
        return not self.refusal


@dataclass(frozen=True, slots=True)
class Rule:
    """Who may do it, by which permission, and what it says of the present state: (hint, refusal)."""

    title: Callable[[Pair], str]
    permission: str
    grant: str
    tone: str
    judge: Callable[[Pair], tuple[str, str]]


def _judge_retrain(pair: Pair) -> tuple[str, str]:
    if pair.active is not None:
        return "", f"Run {pair.active.pk} is under way."
    return "", ""


def _judge_abandon(pair: Pair) -> tuple[str, str]:
    if pair.active is None:
        return "", "No run is under way."
    if RetrainStatus.ABANDONED not in TRANSITIONS[RetrainStatus(pair.active.status)]:
        return "", "It has swapped already; roll back instead."
    return "", ""


def _judge_roll_back(pair: Pair) -> tuple[str, str]:
    if pair.live is None:
        return "", "Nothing is live yet."
    if not pair.can_roll_back:
        return "", f"{_other_name(pair)} holds nothing to roll back to."
    return f"Possible {pair.say_rollback_end()}.", ""


def _other_name(pair: Pair) -> str:
    if pair.live is None:
        return "the other side"
    return str(Colour(pair.live.deployment.colour).other.label)


RULES: Mapping[str, Rule] = MappingProxyType(
    {
        RETRAIN: Rule(
            lambda _: "Retrain now",
            "recommendations.retrain_rotation",
            "Can start a retrain",
            "primary",
            _judge_retrain,
        ),
        ROLL_BACK: Rule(
            lambda pair: f"Roll back to {_other_name(pair)}" if pair.live is not None else "Roll back",
            "recommendations.roll_back_rotation",
            "Can roll back the live campaign",
            "danger",
            _judge_roll_back,
        ),
        ABANDON: Rule(
            lambda pair: f"Abandon run {pair.active.pk}" if pair.active is not None else "Abandon",
            "recommendations.abandon_rotation_run",
            "Can abandon a running retrain",
            "danger",
            _judge_abandon,
        ),
    }
)


def may(user: User, name: str) -> bool:
    """Return whether a user holds the permission for what `name` does."""
    return isinstance(user, PermissionsMixin) and user.has_perm(RULES[name].permission)


def may_waive(user: User) -> bool:
    """Return whether a user may retrain past one gate."""
    return may(user, RETRAIN) and isinstance(user, PermissionsMixin) and user.has_perm(WAIVE_PERMISSION)


def describe_offer(rotation: Rotation, pair: Pair, name: str, user: User) -> Offer:
    """Return one button as this user finds it now."""
    rule = RULES[name]
    hint, refusal = rule.judge(pair)
    if not may(user, name):
        refusal = f"Takes the permission “{rule.grant}”."
    url = reverse("campaign-action", args=[rotation.key, name])
    return Offer(name, rule.title(pair), url, rule.tone, hint, refusal)


def describe_offers(rotation: Rotation, pair: Pair, user: User) -> tuple[Offer, ...]:
    """Return the buttons of the room; what needs a run is there only while there is one."""
    names = [name for name in RULES if name != ABANDON or pair.active is not None]
    return tuple(describe_offer(rotation, pair, name, user) for name in names)


def describe_effects(rotation: Rotation, pair: Pair, name: str) -> tuple[str, ...]:
    """Return what an action will do, sentence by sentence, for whoever is about to confirm it."""
    live = pair.live.deployment.get_colour_display() if pair.live is not None else ""
    if name == RETRAIN:
        return _retrain_effects(rotation, pair, live)
    if name == ROLL_BACK:
        return (
            f"{_other_name(pair)} becomes live again, in every process within 5 seconds.",
            f"{live} stays as it is, and can be made live again in the same way.",
            "Events keep reaching both sides, so neither forgets what shoppers do meanwhile.",
        )
    return (
        "The run ends for good, at whatever step it is; a training in progress is stopped.",
        f"{live} goes on serving." if live else "Visitors go on seeing what is popular.",
        "The next run clears away what this one has built.",
    )


def _retrain_effects(rotation: Rotation, pair: Pair, live: str) -> tuple[str, ...]:
    colour = _other_name(pair) if pair.live is not None else str(Colour.MAIZE.label)
    first = f"{colour} is rebuilt with {rotation.recipe} from the interactions of the window up to now."
    then = f"If it passes every check it becomes live; until then, and otherwise, {live} serves."
    if not live:
        then = "If it passes every check it becomes live; until then visitors see what is popular."
    kept = f"What {colour} holds now is deleted at the start, and with it the way to roll back."
    return (first, then, kept) if pair.can_roll_back else (first, then)
