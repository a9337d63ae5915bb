"""The policies of docs/aws.md allow what the backend asks for, and nothing else by name."""

import json
import re
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest
from botocore import xform_name
from botocore.loaders import Loader
from django.conf import settings

from recommendations.adapters import personalize

PAGE = Path(settings.BASE_DIR) / "docs" / "aws.md"
SERVICES = ("personalize", "personalize-runtime", "personalize-events")


def read_policies() -> list[dict[str, Any]]:
    return [json.loads(block) for block in re.findall(r"```json\n(.*?)```", PAGE.read_text(), re.DOTALL)]


def allowed_actions() -> set[str]:
    """What the shop's own processes may ask of Personalize: the only policy that speaks of it."""
    actions = set()
    for policy in read_policies():
        for statement in policy["Statement"]:
            listed = statement["Action"]
            actions |= {listed} if isinstance(listed, str) else set(listed)
    return {action.removeprefix("personalize:") for action in actions if action.startswith("personalize:")}


def asked_operations() -> set[str]:
    """The operations that the backend's code names, as boto3 or as `_delete_all` spells them."""
    source = "".join(path.read_text() for path in Path(personalize.__file__).parent.glob("*.py"))
    named = set(re.findall(r'"([a-z]+(?:_[a-z]+)+)"', source))
    named |= {f"delete_{kind}" for kind in re.findall(r'_delete(?:_all)?\("([a-z_]+)"', source)}
    known: dict[str, str] = {}
    for service in SERVICES:
        model = Loader().load_service_model(service, "service-2")
        known |= {xform_name(name): name for name in model["operations"]}
    return {known[name] for name in named if name in known}


def test_policies_are_json_of_the_current_version() -> None:
    policies = read_policies()

    assert len(policies) == 4
    assert {policy["Version"] for policy in policies} == {"2012-10-17"}


@pytest.mark.parametrize("operation", sorted(asked_operations()))
def test_operation_that_the_backend_asks_for_is_allowed(operation: str) -> None:
    assert any(fnmatchcase(operation, action) for action in allowed_actions())


def test_operation_that_is_allowed_by_name_is_asked_for() -> None:
    by_name = {action for action in allowed_actions() if "*" not in action}

    # Creating with tags needs TagResource, though nothing calls it.
    assert by_name - asked_operations() == {"TagResource"}


def test_role_is_passed_to_personalize_alone() -> None:
    statements = [statement for policy in read_policies() for statement in policy["Statement"]]

    passing = [each for each in statements if each["Action"] == "iam:PassRole"]

    assert [each["Condition"] for each in passing] == [
        {"StringEquals": {"iam:PassedToService": "personalize.amazonaws.com"}}
    ]
