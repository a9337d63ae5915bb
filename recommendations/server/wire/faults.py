"""Errors as Amazon's services send them: a code that boto3 raises by, a status and a message for people."""

from typing import Final

INVALID_INPUT: Final = "InvalidInputException"
NOT_FOUND: Final = "ResourceNotFoundException"

# Where a code is not in this table, the request was at fault: 400. Runtime and events answer 404 and 409; the control
# plane, which speaks json-1.1, says everything but its own failure with 400.
_STATUS_OF_REST: Final = {NOT_FOUND: 404, "ResourceInUseException": 409}
_STATUS: Final = {
    "AccessDeniedException": 403,
    "InternalServerException": 500,
    "InvalidSignatureException": 403,
    "MissingAuthenticationTokenException": 403,
    "RequestEntityTooLargeException": 413,
    "ServiceUnavailableException": 503,
    "ThrottlingException": 429,
    "UnknownOperationException": 404,
    "UnrecognizedClientException": 403,
}


class ApiFault(Exception):
    """A refusal that the client gets to see.

    Attributes:
        code: what boto3 raises by, `ResourceNotFoundException` for example.
        message: what is wrong and how to mend it.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message

    def status(self, protocol: str) -> int:
        """Return the HTTP status in a protocol, `json` or `rest-json`."""
        if self.code == "ThrottlingException" and protocol == "json":
            return 400
        if protocol == "rest-json" and self.code in _STATUS_OF_REST:
            return _STATUS_OF_REST[self.code]
        return _STATUS.get(self.code, 400)


def invalid(message: str) -> ApiFault:
    """Return the fault of an input that names a field and the fix."""
    return ApiFault(INVALID_INPUT, message)


def not_found(arn: str) -> ApiFault:
    """Return the fault of a resource that is not there."""
    return ApiFault(NOT_FOUND, f"Could not find {arn}")
