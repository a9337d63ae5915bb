from typing import Any

import pytest

from recommendations.server.limits import MAX_FILTERS_IN_GROUP
from tests.factories.wire import refused, unique, wait_until_active
from tests.factories.wire_groups import Group

EXPRESSION = 'EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("buy")'


def test_filter_is_made_listed_and_deleted(personalize: Any, plain: Group) -> None:
    arn = plain.filter(EXPRESSION)

    described = personalize.describe_filter(filterArn=arn)["filter"]
    assert (described["filterExpression"], described["datasetGroupArn"]) == (EXPRESSION, plain.arn)
    assert arn in {each["filterArn"] for each in personalize.list_filters(datasetGroupArn=plain.arn)["Filters"]}
    with refused("ResourceAlreadyExistsException", arn):
        personalize.create_filter(name=described["name"], datasetGroupArn=plain.arn, filterExpression=EXPRESSION)
    personalize.delete_filter(filterArn=arn)
    with refused("ResourceNotFoundException", arn):
        personalize.describe_filter(filterArn=arn)


@pytest.mark.parametrize(
    "expression",
    [
        "INCLUDE ItemID WHERE Items.COLOUR IN ($C)",
        "INCLUDE ItemID WHERE",
        "KEEP ItemID WHERE Items.GENRE IN ($G)",
        'EXCLUDE ItemID WHERE Items.PRICE IN ("cheap"',
        "x" * 2501,
    ],
)
def test_filter_that_cannot_be_understood_is_refused(personalize: Any, plain: Group, expression: str) -> None:
    with refused("InvalidInputException", "xpression"):
        personalize.create_filter(name=unique("filter"), datasetGroupArn=plain.arn, filterExpression=expression)


def test_filters_of_a_group_have_a_limit(personalize: Any, plain: Group) -> None:
    made = [
        personalize.create_filter(name=unique("filter"), datasetGroupArn=plain.arn, filterExpression=EXPRESSION)
        for _ in range(MAX_FILTERS_IN_GROUP)
    ]

    with refused("LimitExceededException", str(MAX_FILTERS_IN_GROUP)):
        personalize.create_filter(name=unique("filter"), datasetGroupArn=plain.arn, filterExpression=EXPRESSION)

    for each in made:
        wait_until_active(personalize.describe_filter, "filter", filterArn=each["filterArn"])
        personalize.delete_filter(filterArn=each["filterArn"])
