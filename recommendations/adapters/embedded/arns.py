"""Names and ARNs of the embedded backend's resources, as Amazon Personalize forms them."""

import re

from recommendations.exceptions import InvalidInput

PREFIX = "arn:aws:personalize:local:000000000000:"
# Amazon Personalize API reference: the pattern and length of every resource's name.
NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9\-_]{0,62}")


def make_arn(kind: str, *path: str) -> str:
    """Return the ARN of a resource.

    Args:
        kind: the resource type as ARNs spell it, `dataset-group` for example.
        path: the name, or names, that follow.
    """
    return f"{PREFIX}{'/'.join((kind, *path))}"


def check_name(field: str, name: str) -> str:
    """Return a name that Personalize would take.

    Raises:
        InvalidInput: it would not; the message names the field and the rule.
    """
    if NAME.fullmatch(name) is None:
        raise InvalidInput(f"{field} == {name!r}: use 1 to 63 letters, digits, - and _, beginning with no sign.")
    return name
