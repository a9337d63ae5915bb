"""The row of an interleaving experiment: two campaigns draft one list, the same one all day for a shopper."""

from collections.abc import Collection
from dataclasses import dataclass

from django.conf import settings

from experiments.interleaving import interleave
from experiments.models import Design
from experiments.states import ExperimentValue
from recommendations.serving.fallback import Rung
from recommendations.serving.recommend import Served, recommended_for_you
from storefront.page_view import PageView
from storefront.second_row.payloads import FromRotation, read_payload

# From best to worst, as the ladder goes down.
RUNGS = tuple(Rung)
NO_TEAM = "-"
# Of a served list.
MAX_ROTATION = 40


@dataclass(frozen=True, slots=True)
class Drafted:
    """The drafted list, and a letter for each item: whose it is, or - where both lists agree."""

    served: Served
    teams: str


def find_teams(view: PageView, experiment: ExperimentValue | None) -> tuple[str, str] | None:
    """The rotations of the teams A and B, in the order of the phase's weights; None where nothing is to be drafted.

    Args:
        view: who looks; only whom the phase includes, and who has a history, gets a drafted row.
        experiment: what the second row asks.
    """
    if experiment is None or experiment.design != Design.INTERLEAVING or experiment.phase is None:
        return None
    if not view.assignment.is_analysed or not view.has_history:
        return None
    wanted = [read_payload(experiment.variations[key].payload) for key, _ in experiment.phase.weights_bp]
    rotations = [one.rotation for one in wanted if isinstance(one, FromRotation)]
    return (rotations[0], rotations[1]) if len(rotations) == len(wanted) == 2 else None


def draft(
    view: PageView, experiment: ExperimentValue, teams: tuple[str, str], shown: Collection[str], *, k: int
) -> Drafted:
    """Draft a list of both teams' answers.

    Args:
        view: who looks.
        experiment: it has an open phase, whose salt seeds the coins together with shopper and day.
        teams: from `find_teams`.
        shown: items that the page shows elsewhere.
        k: how many items are wanted.
    """
    answers = [recommended_for_you(view.shopper, rotation=rotation, k=k, withheld=shown) for rotation in teams]
    salt = experiment.phase.salt if experiment.phase is not None else ""
    day = settings.CLOCK.now().date().isoformat()
    drafted = interleave(answers[0].item_ids, answers[1].item_ids, k=k, seed=(salt, view.shopper.shopper_key, day))
    worst = max((answer.rung for answer in answers), key=RUNGS.index)
    return Drafted(
        Served(
            tuple(item.item_id for item in drafted),
            worst,
            rotation="+".join(teams)[:MAX_ROTATION],
            error=next((answer.error for answer in answers if answer.error), ""),
            because={**answers[1].because, **answers[0].because},
        ),
        "".join(item.team or NO_TEAM for item in drafted),
    )
