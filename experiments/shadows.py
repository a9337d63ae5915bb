"""A/A tests beside an experiment: whoever is exposed to it is exposed to them too, and sees no difference."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from experiments import exposures, ramp
from experiments.assignment import assign
from experiments.conf import now
from experiments.exceptions import IllegalRamp
from experiments.metrics import all_metrics
from experiments.models import Design, Experiment, Flag, Variation
from experiments.places import SHADOW_SUFFIX
from experiments.snapshot import get_snapshot
from experiments.sources import metric_source

SUFFIX = SHADOW_SUFFIX
DAYS = 14
# At even weights half of them are in the second variation: everybody is in the test.
STEPS = [{"seen_bp": 5000, "hours": 24.0 * DAYS, "min_units": None, "needs_approval": False}]


def record(
    experiment_key: str | None,
    unit: str,
    *,
    at: datetime,
    is_bot: bool = False,
    has_consent: bool = True,
    attributes: Mapping[str, str] | None = None,
) -> None:
    """Expose a unit to the A/A tests beside an experiment; to be called where the experiment itself is exposed.

    Args:
        experiment_key: The experiment that they stand beside; None for all, where one page shows every experiment.
        unit: Who sees the page.
        at: When.
        is_bot: As for `assign`.
        has_consent: As for `assign`.
        attributes: As for `assign`; what was known before.
    """
    for key in find_shadows(experiment_key):
        found = assign(key, unit, is_bot=is_bot, has_consent=has_consent, attributes=attributes)
        exposures.record(found, unit, at=at, attributes=attributes)


def find_shadows(experiment_key: str | None) -> tuple[str, ...]:
    """Keys of the A/A tests that run beside an experiment, or beside any, as this process knows them."""
    known = get_snapshot().experiments
    if len(known) < 2:
        return ()
    return tuple(
        key
        for key, flag in known.items()
        if SUFFIX in key
        and experiment_key in {None, key.rpartition(SUFFIX)[0]}
        and flag.experiment is not None
        and flag.experiment.phase is not None
        and flag.experiment.design == Design.AA
    )


def start_shadow(experiment_key: str, *, primary_metric: str, actor: str, reason: str) -> Experiment:
    """Copy an experiment as an A/A test of two weeks on everybody, both variations as control, and start it.

    Args:
        experiment_key: The experiment to stand beside.
        primary_metric: What is compared where the experiment has chosen none, or one that is told of its own part of
            the page alone: the copy shows nothing of its own, so that nobody would be measured.
        actor: Who does it.
        reason: Why.

    Returns:
        The running A/A test.

    Raises:
        Experiment.DoesNotExist: There is no such experiment.
        IllegalRamp: `shadow_of_shadow`, `already_running` (one runs already), `unmeasurable` (neither metric tells
            anything of a copy), or as `ramp.start` says.
    """
    with transaction.atomic():
        original = Experiment.objects.select_for_update(of=("self",)).get(key=experiment_key)
        _check_may_copy(original)
        primary = _choose_metric(original, primary_metric)
        number = Experiment.objects.filter(key__startswith=f"{original.key}{SUFFIX}").count() + 1
        key = f"{original.key}{SUFFIX}{number}"
        shadow = Experiment.objects.create(
            key=key,
            name=f"A/A of {original.name}, {number}"[:200],
            flag=Flag.objects.create(name=key.replace("-", "_")),
            design=Design.AA,
            research_note=f"Whether {original.name} would be measured right: both variations are the same.",
            change="Nothing is changed; a difference would be a fault of the measurement.",
            primary_metric=primary,
            secondary_metrics=[
                metric for metric in original.secondary_metrics if metric != primary and _is_measured(metric)
            ],
            alpha=original.alpha,
            power=original.power,
            planned_end_at=now() + timedelta(days=DAYS),
            steps=STEPS,
            eligibility=original.eligibility,
        )
        _copy_control(original, shadow)
        ramp.start(key, actor=actor, reason=reason)
    shadow.refresh_from_db()
    return shadow


def _check_may_copy(original: Experiment) -> None:
    if SUFFIX in original.key and original.design == Design.AA:
        raise IllegalRamp("shadow_of_shadow", f"{original.name!r} is an A/A test itself. Start one of the original.")
    running = Experiment.objects.filter(key__startswith=f"{original.key}{SUFFIX}", phases__ended_at__isnull=True)
    running = running.filter(phases__isnull=False)
    found: Any = running.first()
    if found is not None:
        raise IllegalRamp("already_running", f"{found.name!r} runs already. Complete it before another one.")


def _choose_metric(original: Experiment, usual: str) -> str:
    chosen = [metric for metric in (original.primary_metric, usual) if metric]
    measured = next((metric for metric in chosen if _is_measured(metric)), None)
    if chosen and measured is None:
        raise IllegalRamp(
            "unmeasurable",
            f"{' and '.join(repr(metric) for metric in chosen)} count only what an experiment itself puts on the page, "
            "and an A/A test puts nothing there. Name a metric of the whole page or of the shop.",
        )
    return measured or ""


def _is_measured(metric: str) -> bool:
    """Whether a metric says anything of an experiment that shows nothing of its own."""
    found = all_metrics().get(metric)
    if found is None:
        return True
    return not any(fact.is_of_phase for fact in metric_source().list_facts() if fact.key in found.facts)


def _copy_control(original: Experiment, shadow: Experiment) -> None:
    control = original.variations.get(is_control=True)
    Variation.objects.bulk_create(
        Variation(
            experiment=shadow,
            key=key,
            name=name,
            payload=control.payload,
            is_control=position == 0,
            position=position,
        )
        for position, (key, name) in enumerate((("control", control.name), ("same", f"{control.name}, again"[:200])))
    )
