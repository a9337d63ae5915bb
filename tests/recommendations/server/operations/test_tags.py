from typing import Any

from tests.factories.wire import refused
from tests.factories.wire_groups import Group


def _tags(personalize: Any, arn: str) -> dict[str, str]:
    return {each["tagKey"]: each["tagValue"] for each in personalize.list_tags_for_resource(resourceArn=arn)["tags"]}


def test_tags_are_given_changed_and_taken_away(personalize: Any) -> None:
    group = Group.make(personalize, tags=[{"tagKey": "colour", "tagValue": "maize"}])

    personalize.tag_resource(
        resourceArn=group.arn,
        tags=[{"tagKey": "colour", "tagValue": "blue"}, {"tagKey": "team", "tagValue": "shop"}],
    )

    assert _tags(personalize, group.arn) == {"colour": "blue", "team": "shop"}
    personalize.untag_resource(resourceArn=group.arn, tagKeys=["team", "absent"])
    assert _tags(personalize, group.arn) == {"colour": "blue"}
    group.delete()


def test_tags_of_wrong_input_are_refused(personalize: Any, plain: Group) -> None:
    many = [{"tagKey": f"key-{number}", "tagValue": "x"} for number in range(51)]

    with refused("ResourceNotFoundException", plain.arn + "x"):
        personalize.list_tags_for_resource(resourceArn=plain.arn + "x")
    with refused("InvalidInputException", "twice"):
        personalize.tag_resource(resourceArn=plain.arn, tags=[many[0], many[0]])
    with refused("TooManyTagsException"):
        personalize.tag_resource(resourceArn=plain.arn, tags=many[:50])
        personalize.tag_resource(resourceArn=plain.arn, tags=many[50:])

    personalize.untag_resource(resourceArn=plain.arn, tagKeys=[each["tagKey"] for each in many[:50]])
    assert _tags(personalize, plain.arn) == {}
