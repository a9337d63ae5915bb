"""Throttling, absence and refusal of AWS are told apart, and never come through as boto3's own."""

from typing import Any

import pytest
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
    NoRegionError,
    ParamValidationError,
    ReadTimeoutError,
)
from botocore.parsers import ResponseParserError

from recommendations.adapters.aws.errors import translated
from recommendations.exceptions import (
    BackendRefused,
    BackendThrottled,
    BackendUnavailable,
    InvalidInput,
    RecommendationsError,
    ResourceNotFound,
    ResourceNotReady,
)


def answered(code: str, status: int = 400, message: str = "Because.") -> ClientError:
    response: Any = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(response, "CreateCampaign")


def raised(error: Exception) -> RecommendationsError:
    with pytest.raises(RecommendationsError) as caught, translated("create_campaign"):
        raise error
    assert caught.value.__cause__ is error
    return caught.value


@pytest.mark.parametrize(
    ("error", "kind", "is_retryable"),
    [
        (answered("ResourceNotFoundException"), ResourceNotFound, False),
        (answered("ResourceInUseException"), ResourceNotReady, True),
        (answered("InvalidInputException"), InvalidInput, False),
        (answered("LimitExceededException", message="More than 5 dataset groups."), InvalidInput, False),
        (
            answered("LimitExceededException", message="More than 5 resources with PENDING or IN_PROGRESS status."),
            BackendThrottled,
            True,
        ),
        (answered("ThrottlingException"), BackendThrottled, True),
        (answered("SlowDown", 503), BackendThrottled, True),
        (answered("", 429), BackendThrottled, True),
        (answered("AccessDeniedException", 403), BackendRefused, False),
        (answered("UnrecognizedClientException", 403), BackendRefused, False),
        (answered("NobodyKnowsThisException", 418), BackendRefused, False),
        (answered("InternalServerException", 500), BackendUnavailable, True),
        (answered("ServiceUnavailableException", 503), BackendUnavailable, True),
        (answered("502", 502, "<html>"), BackendUnavailable, True),
    ],
)
def test_answer_that_is_an_error_becomes_one_of_ours(
    error: ClientError, kind: type[RecommendationsError], is_retryable: bool
) -> None:
    found = raised(error)

    assert type(found) is kind
    assert found.retryable is is_retryable
    assert str(found).startswith("create_campaign: ")


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (ReadTimeoutError(endpoint_url="http://here"), BackendUnavailable),
        (ConnectTimeoutError(endpoint_url="http://here"), BackendUnavailable),
        (EndpointConnectionError(endpoint_url="http://here"), BackendUnavailable),
        (ResponseParserError("no JSON"), BackendUnavailable),
        (BotoCoreError(), BackendUnavailable),
        (NoCredentialsError(), BackendRefused),
        (NoRegionError(), BackendRefused),
        (ParamValidationError(report="Missing required parameter"), InvalidInput),
    ],
)
def test_call_that_has_no_answer_becomes_one_of_ours(error: Exception, kind: type[RecommendationsError]) -> None:
    found = raised(error)

    assert type(found) is kind


def test_error_that_is_not_aws_comes_through() -> None:
    with pytest.raises(KeyError, match="ours"), translated("create_campaign"):
        raise KeyError("ours")
