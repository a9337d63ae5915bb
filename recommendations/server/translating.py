"""The one table from our own exceptions to the errors that Amazon Personalize names."""

from collections.abc import Mapping

from recommendations.exceptions import (
    BackendThrottled,
    BackendUnavailable,
    InvalidInput,
    RecommendationsError,
    ResourceNotFound,
    ResourceNotReady,
)
from recommendations.server.wire.faults import ApiFault

CODES: Mapping[type[RecommendationsError], str] = {
    InvalidInput: "InvalidInputException",
    ResourceNotFound: "ResourceNotFoundException",
    # Amazon has no name for a campaign that is still being made: its runtime refuses the input.
    ResourceNotReady: "InvalidInputException",
    BackendThrottled: "ThrottlingException",
    BackendUnavailable: "ServiceUnavailableException",
}


def to_fault(error: RecommendationsError) -> ApiFault:
    """Return the fault that a client is told; what is not in the table is an internal error."""
    code = next((code for kind, code in CODES.items() if isinstance(error, kind)), "InternalServerException")
    return ApiFault(code, str(error))
