"""The filters of a dataset group: made once, found by ARN."""

from recommendations import conf, ports
from recommendations.adapters.embedded.arns import check_name, make_arn
from recommendations.exceptions import InvalidInput
from recommendations.models.filters import Filter
from recommendations.models.resources import DatasetGroup

# Amazon Personalize API reference, CreateFilter: the greatest length of filterExpression.
MAX_EXPRESSION_LENGTH = 2500


def ensure_filter(group: DatasetGroup, name: str, expression: str) -> ports.Resource:
    """Return the filter of this name, made where it is missing.

    Raises:
        InvalidInput: the name or the expression is refused, or the filter of this name is another one.
    """
    check_name("name", name)
    if not 1 <= len(expression) <= MAX_EXPRESSION_LENGTH:
        raise InvalidInput(
            f"expression has {len(expression)} characters; give 1 to {MAX_EXPRESSION_LENGTH}, or chain two filters."
        )
    now = conf.now()
    made, _ = Filter.objects.get_or_create(
        name=name,
        defaults={
            "arn": make_arn("filter", name),
            "dataset_group": group,
            "expression": expression,
            "created_at": now,
            "updated_at": now,
        },
    )
    if (made.dataset_group_id, made.expression) != (group.pk, expression):
        raise InvalidInput(f"name == {name!r}: there is a filter of this name already; choose another name.")
    return ports.Resource(made.arn, ports.ResourceStatus.ACTIVE)
