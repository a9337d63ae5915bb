from typing import Any

from tests.factories.wire import INTERACTION_FIELDS, refused, schema_text, unique


def test_pages_give_every_schema_once_although_new_ones_come_meanwhile(personalize: Any) -> None:
    text = schema_text("Interactions", INTERACTION_FIELDS)
    made = [personalize.create_schema(name=unique("page"), schema=text)["schemaArn"] for _ in range(5)]

    first = personalize.list_schemas(maxResults=2)
    late = personalize.create_schema(name=unique("page"), schema=text)["schemaArn"]
    seen, token = [each["schemaArn"] for each in first["schemas"]], first["nextToken"]
    while token:
        page = personalize.list_schemas(maxResults=2, nextToken=token)
        seen, token = seen + [each["schemaArn"] for each in page["schemas"]], page.get("nextToken")

    assert [arn for arn in seen if arn in made] == made[::-1]
    assert late not in seen
    for arn in (*made, late):
        personalize.delete_schema(schemaArn=arn)


def test_token_that_the_operation_did_not_give_is_refused(personalize: Any) -> None:
    token = personalize.list_recipes(maxResults=1)["nextToken"]

    for wrong in (token, "nothing", "!!"):
        with refused("InvalidNextTokenException", "nextToken"):
            personalize.list_schemas(nextToken=wrong)
    with refused("InvalidInputException", "maxResults"):
        personalize.list_schemas(maxResults=101)
