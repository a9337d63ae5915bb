"""A recommender's way: its solution, version, campaign and hidden filter, made, updated, stopped and started as one."""

from typing import Final

from django.db import transaction

from recommendations import conf
from recommendations.models.filters import Filter
from recommendations.models.resources import Campaign, Recommender, Solution, SolutionVersion, Status
from recommendations.server.exploration import exploration_of
from recommendations.server.recipes import DOMAIN_RECIPES
from recommendations.server.rows import PENDING

# What a recommender alone can be, beside the states that every resource has.
INACTIVE: Final = "INACTIVE"
STOP_PENDING: Final = "STOP PENDING"
START_PENDING: Final = "START PENDING"
# Each state on the way to another, and what comes next.
TURNS: Final = {
    "STOP IN_PROGRESS": INACTIVE,
    STOP_PENDING: "STOP IN_PROGRESS",
    "START IN_PROGRESS": Status.ACTIVE.value,
    START_PENDING: "START IN_PROGRESS",
}
TURNING: Final = tuple(TURNS)
HIDING_PURCHASED: Final = 'EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("Purchase")'


def hidden_filter_arn(row: Recommender) -> str:
    """Return the ARN of the filter that a recommender's lists always pass, where it has one."""
    return f"{row.arn}/filter"


def turn_recommenders() -> int:
    """Take each that is being stopped or started a step further, and return how many moved."""
    now = conf.now()
    # The later state first, so that none takes two steps at once.
    return sum(
        Recommender.objects.filter(status=was).update(status=becomes, updated_at=now) for was, becomes in TURNS.items()
    )


def advance_recommenders() -> int:
    """Take each that is being made a step further, and return how many moved."""
    return sum(_advance_recommender(row) for row in Recommender.objects.filter(status__in=PENDING))


def _advance_recommender(row: Recommender) -> bool:
    """Make its solution and version, wait for the training, make its campaign."""
    now = conf.now()
    with transaction.atomic():
        row = Recommender.objects.select_for_update().get(pk=row.pk)
        if row.status == Status.PENDING:
            _make_solution(row)
            row.status = Status.IN_PROGRESS
        else:
            version = SolutionVersion.objects.get(solution__recommender=row)
            if version.status in PENDING:
                return False
            if version.status == Status.ACTIVE:
                _make_campaign(row, version)
                _make_filter(row)
                row.status = Status.ACTIVE
            else:
                row.status, row.failure_reason = Status.FAILED, version.failure_reason
        row.updated_at = now
        row.save()
    return True


def _make_solution(row: Recommender) -> None:
    now = conf.now()
    recipe = DOMAIN_RECIPES[row.recipe]
    times = {"created_at": now, "updated_at": now}
    solution = Solution.objects.create(
        arn=f"{row.arn}/solution",
        # Longer than any name that a request may give, so that it takes none away.
        name=f"{row.pk}/{row.name}"[:63],
        dataset_group=row.dataset_group,
        recipe=recipe.recipe,
        event_type=recipe.event_type,
        settings={"solutionConfig": {"trainingDataConfig": row.config.get("trainingDataConfig", {})}},
        recommender=row,
        status=Status.ACTIVE,
        **times,
    )
    SolutionVersion.objects.create(
        arn=f"{row.arn}/version", solution=solution, status=Status.PENDING, wants_metrics=True, **times
    )


def _make_campaign(row: Recommender, version: SolutionVersion) -> None:
    weight, age_cut_off = exploration_of(row.config)
    now = conf.now()
    Campaign.objects.create(
        arn=f"{row.arn}/campaign",
        name=f"{row.pk}/{row.name}"[:63],
        solution_version=version,
        status=Status.ACTIVE,
        config=row.config,
        exploration_weight=weight,
        exploration_age_cut_off_days=age_cut_off,
        created_at=now,
        updated_at=now,
    )


def _make_filter(row: Recommender) -> None:
    if not DOMAIN_RECIPES[row.recipe].hides_purchased:
        return
    now = conf.now()
    Filter.objects.create(
        arn=hidden_filter_arn(row),
        # Longer than any name that a request may give, so that it takes none away.
        name=f"{row.pk}/{row.name}"[:63],
        dataset_group=row.dataset_group,
        expression=HIDING_PURCHASED,
        status=Status.ACTIVE,
        created_at=now,
        updated_at=now,
    )


def update_recommenders() -> int:
    """Take each update a step further, and return how many moved."""
    n_moved = 0
    for pk in Recommender.objects.filter(update__isnull=False).values_list("pk", flat=True):
        with transaction.atomic():
            row = Recommender.objects.select_for_update().get(pk=pk)
            update = row.update or {}
            if update.get("status") not in PENDING:
                continue
            now = conf.now()
            update["lastUpdatedDateTime"] = now.isoformat()
            is_begun = update["status"] == Status.IN_PROGRESS
            update["status"] = Status.ACTIVE.value if is_begun else Status.IN_PROGRESS.value
            if is_begun:
                row.config = update["recommenderConfig"]
                weight, age_cut_off = exploration_of(row.config)
                Campaign.objects.filter(solution_version__solution__recommender=row).update(
                    config=row.config,
                    exploration_weight=weight,
                    exploration_age_cut_off_days=age_cut_off,
                    updated_at=now,
                )
                row.updated_at = now
            row.update = update
            row.save()
            n_moved += 1
    return n_moved
