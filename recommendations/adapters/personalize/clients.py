"""Amazon Personalize's three clients by what they are for, and calls to them with errors translated."""

from typing import Any

from recommendations.adapters.aws.clients import client, is_amazon
from recommendations.adapters.aws.errors import translated


def control(operation: str, **parameters: Any) -> dict[str, Any]:
    """Ask the control plane.

    Args:
        operation: as boto3 calls it, `create_campaign` for example.
        parameters: as the API reference names them.

    Returns:
        The answer.

    Raises:
        RecommendationsError: as `adapters.aws.errors` translates.
    """
    with translated(operation):
        answer: dict[str, Any] = getattr(client("personalize"), operation)(**parameters)
    return answer


def runtime(operation: str, **parameters: Any) -> dict[str, Any]:
    """Ask the runtime, once, within the page's deadline; see `control`."""
    with translated(operation):
        answer: dict[str, Any] = getattr(client("personalize-runtime"), operation)(**parameters)
    return answer


def events(operation: str, **parameters: Any) -> None:
    """Send to the event service, once; see `control`."""
    with translated(operation):
        getattr(client("personalize-events"), operation)(**parameters)


def serves_amazon() -> bool:
    """Return whether Amazon itself is asked, not a server that speaks its protocol."""
    with translated("client"):
        return is_amazon(client("personalize"))
