"""The one table from AWS's error codes to this package's exceptions, retryable or not."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType
from typing import Any

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    NoCredentialsError,
    NoRegionError,
    ParamValidationError,
    PartialCredentialsError,
    ProfileNotFound,
)

from recommendations.exceptions import (
    BackendRefused,
    BackendThrottled,
    BackendUnavailable,
    InvalidInput,
    RecommendationsError,
    ResourceNotFound,
    ResourceNotReady,
)

# Source: Amazon Personalize API reference, "Common errors" and the errors of each action; Amazon S3, "Error responses".
CODES: Mapping[str, type[RecommendationsError]] = MappingProxyType(
    {
        **dict.fromkeys(("ResourceNotFoundException", "NoSuchBucket", "NoSuchKey"), ResourceNotFound),
        "ResourceInUseException": ResourceNotReady,
        **dict.fromkeys(
            (
                "InvalidInputException",
                "InvalidNextTokenException",
                "LimitExceededException",
                "ResourceAlreadyExistsException",
                "SerializationException",
                "TooManyTagKeysException",
                "TooManyTagsException",
                "ValidationException",
            ),
            InvalidInput,
        ),
        **dict.fromkeys(
            (
                "ProvisionedThroughputExceededException",
                "RequestLimitExceeded",
                "SlowDown",
                "Throttling",
                "ThrottlingException",
                "TooManyRequestsException",
            ),
            BackendThrottled,
        ),
        **dict.fromkeys(
            (
                "AccessDenied",
                "AccessDeniedException",
                "ExpiredToken",
                "ExpiredTokenException",
                "IncompleteSignature",
                "InvalidAccessKeyId",
                "InvalidClientTokenId",
                "InvalidSignatureException",
                "MissingAuthenticationTokenException",
                "NotAuthorized",
                "OptInRequired",
                "SignatureDoesNotMatch",
                "UnrecognizedClientException",
            ),
            BackendRefused,
        ),
    }
)
# Mistakes of whoever configured boto3; no second try mends them.
UNCONFIGURED = (NoCredentialsError, NoRegionError, PartialCredentialsError, ProfileNotFound)
# "More than 5 resources with PENDING or IN_PROGRESS status": gone as soon as one of them is ACTIVE.
WAITS = "PENDING or IN_PROGRESS"
TOO_MANY_REQUESTS, SERVER_FAULT = 429, 500


@contextmanager
def translated(doing: str) -> Iterator[None]:
    """Raise AWS's errors as this package's.

    Args:
        doing: what is asked for, in the message's beginning: `CreateCampaign` for example.

    Raises:
        RecommendationsError: by the table; what is not in it is a refusal for good below status 500, else an absence.
    """
    try:
        yield
    except ClientError as error:
        raise to_error(error, doing) from error
    except ParamValidationError as error:
        raise InvalidInput(f"{doing}: {error}") from error
    except UNCONFIGURED as error:
        raise BackendRefused(f"{doing}: {error} Set AWS_DEFAULT_REGION and credentials, see docs/aws.md.") from error
    except BotoCoreError as error:
        raise BackendUnavailable(f"{doing}: {error}") from error
    except Exception as error:
        # Loaded only here: it would cost every process of the shop a fifth of a second.
        from botocore.parsers import ResponseParserError

        if isinstance(error, ResponseParserError):
            raise BackendUnavailable(f"{doing}: the answer cannot be read: {error}") from error
        raise


def to_error(error: ClientError, doing: str) -> RecommendationsError:
    """Return the exception of an answer that is an error.

    Args:
        error: as boto3 raises it.
        doing: the message's beginning.
    """
    code, message = code_of(error), message_of(error)
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    kind: type[RecommendationsError]
    if code == "LimitExceededException" and WAITS in message:
        kind = BackendThrottled
    elif code in CODES:
        kind = CODES[code]
    elif status == TOO_MANY_REQUESTS:
        kind = BackendThrottled
    elif not status or status >= SERVER_FAULT:
        kind = BackendUnavailable
    else:
        kind = BackendRefused
    return kind(f"{doing}: {message or code} ({code})")


def code_of(error: ClientError) -> str:
    """Return AWS's error code."""
    return str(_error(error).get("Code", ""))


def message_of(error: ClientError) -> str:
    """Return AWS's message."""
    return str(_error(error).get("Message", ""))


def _error(error: ClientError) -> Mapping[str, Any]:
    found: Any = error.response.get("Error")
    return found if isinstance(found, dict) else {}
