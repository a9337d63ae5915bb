"""The homepage's second row: what the experiment gives this shopper, and the one place that says they saw it."""

import logging
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from django.conf import settings
from django.db import InterfaceError, OperationalError

from experiments import exposures, shadows
from experiments.states import ExperimentValue
from recommendations.serving.asking import UNEXPECTED
from recommendations.serving.fallback import Rung
from recommendations.serving.recommend import recommended_for_you
from storefront import shelves
from storefront.page_view import PageView
from storefront.row_experiments import find_experiment
from storefront.second_row.comparing import are_different, effective
from storefront.second_row.drafting import NO_TEAM, draft, find_teams
from storefront.second_row.payloads import ALSO_POPULAR, Rule, control_rule, read_or_fall_back
from storefront.second_row.plans import Plan, timed

logger = logging.getLogger(__name__)

RECOMMENDED = "recommended"
TITLE = "Recommended For You"
NOTE = "Picked from what you looked at and bought"


def second_row(view: PageView, shown: Collection[str], *, k: int) -> Plan:
    """The row of the shopper's variation. It never fails for what a recommender does.

    Args:
        view: who looks, and what they were assigned.
        shown: items that the page shows elsewhere.
        k: how many items are wanted.

    Raises:
        OperationalError, InterfaceError: the database is away, and no page can be built.
    """
    experiment = find_experiment(view.assignment.experiment)
    # Until it is known better; who lost a page to an outage counts as well as who got one.
    is_triggered = True
    try:
        plan = timed(lambda: _plan_safely(view, experiment, shown, k))
        is_triggered = _is_triggered(view, experiment, plan, shown, k)
        return plan
    finally:
        # The same line for every variation, whatever became of the row: else who is counted would depend on that.
        _expose(view, is_triggered=is_triggered)


def _expose(view: PageView, *, is_triggered: bool) -> None:
    at = settings.CLOCK.now()
    exposures.record(
        view.assignment, view.shopper.shopper_key, at=at, is_triggered=is_triggered, attributes=view.attributes
    )
    shadows.record(
        None,
        view.unit,
        at=at,
        is_bot=view.shopper.is_bot,
        has_consent=view.shopper.has_consent,
        attributes=view.attributes,
    )


def _plan_safely(view: PageView, experiment: ExperimentValue | None, shown: Collection[str], k: int) -> Plan:
    try:
        return _plan(view, experiment, shown, k)
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        logger.exception("The second row failed; control's rule serves.", extra={"code": "row_failed"})
        plan = _plan_rule(view, control_rule(_control_payload(experiment)), shown, k)
        return replace(plan, served=replace(plan.served, error=UNEXPECTED))


def _plan(view: PageView, experiment: ExperimentValue | None, shown: Collection[str], k: int) -> Plan:
    assignment = view.assignment
    teams = find_teams(view, experiment)
    if teams is not None and experiment is not None:
        drafted = draft(view, experiment, teams, shown, k=k)
        return Plan(RECOMMENDED, TITLE, NOTE, drafted.served, assignment=assignment, teams=drafted.teams)
    wanted = read_or_fall_back(assignment.payload, _control_payload(experiment), variation=assignment.variation)
    wanted = effective(wanted, view, experiment)
    if isinstance(wanted, Rule):
        return _plan_rule(view, wanted, shown, k)
    served = recommended_for_you(view.shopper, rotation=wanted.rotation, k=k, withheld=shown)
    return Plan(RECOMMENDED, TITLE, NOTE, served, assignment=assignment)


def _plan_rule(view: PageView, rule: Rule, shown: Collection[str], k: int) -> Plan:
    served = shelves.shared(rule.key, shown, k=k)
    # Where nothing of the list could be shown, its name would promise what is not there.
    told = rule if served.rung is Rung.POPULAR else ALSO_POPULAR
    return Plan(rule.row, told.title, told.note, served, assignment=view.assignment)


def _is_triggered(
    view: PageView, experiment: ExperimentValue | None, plan: Plan, shown: Collection[str], k: int
) -> bool:
    if experiment is None or view.analysed_phase_id is None:
        return True
    if plan.teams:
        return not set(plan.teams) <= {NO_TEAM}
    try:
        return are_different(view, experiment, plan, shown, k=k)
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        logger.exception("Variations could not be compared; they count as different.", extra={"code": "row_failed"})
        return True


def _control_payload(experiment: ExperimentValue | None) -> Mapping[str, Any]:
    return experiment.control.payload if experiment is not None else {}
