"""What keeps a ramp from going on by itself: a share that a person lowered, or one below the first step."""

from experiments.models import Experiment, Phase, RampAction
from experiments.plan import Plan
from experiments.shares import format_percent

# After one of these the share is what a step, a start or a person's word made of it.
SETTING = (RampAction.START, RampAction.SET_COVERAGE, RampAction.ADVANCE, RampAction.REOPEN, RampAction.RESUME)


def is_lowered(experiment: Experiment) -> bool:
    """Whether the share is what a person lowered it to, so that it rises again only once a person has said so."""
    last = experiment.ramp_changes.filter(action__in=SETTING).first()
    if last is None or last.action != RampAction.SET_COVERAGE:
        return False
    return (last.new_coverage_bp or 0) < (last.old_coverage_bp or 0)


def tell_below_first(phase: Phase, plan: Plan) -> str:
    """What a share below the first step waits for, after "until"; empty for all others."""
    least_bp = plan.steps[phase.step].coverage_bp
    if phase.coverage_bp >= least_bp:
        return ""
    return f"somebody sets the share of a step; {format_percent(phase.coverage_bp)} in the test is below the first step"
