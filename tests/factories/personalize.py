"""The shop as a client of Amazon Personalize: boto3's own variables, S3, and nothing left behind."""

import time
from collections.abc import Callable, Iterator
from typing import TypeVar

import pytest
from pytest_django import Settings

from recommendations.adapters.aws.clients import forget_clients
from recommendations.adapters.personalize.clients import control
from recommendations.adapters.personalize.deleting import delete_group
from recommendations.adapters.personalize.finding import listed
from recommendations.adapters.personalize.groups import is_ours
from recommendations.exceptions import RecommendationsError
from recommendations.ports import Resource, ResourceStatus
from tests.aws_mock import BUCKET, AwsMock
from tests.wire_server import WireServer

ACTIVE_WITHIN_S = GONE_WITHIN_S = 180.0
Made = TypeVar("Made", bound=Resource)


@pytest.fixture
def s3_service(aws_mock: AwsMock, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Variables by which boto3 finds S3."""
    for name, value in aws_mock.environment.items():
        monkeypatch.setenv(name, value)
    forget_clients()
    yield
    forget_clients()


@pytest.fixture
def personalize_service(
    wire_server: WireServer, aws_mock: AwsMock, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """Settings and variables by which the backend `personalize` finds the wire server and S3; no group outlives it."""
    for name, value in (wire_server.client_environment | aws_mock.environment).items():
        monkeypatch.setenv(name, value)
    settings.PERSONALIZE_BUCKET = f"s3://{BUCKET}/shop"
    settings.PERSONALIZE_ROLE_ARN = "arn:aws:iam::123456789012:role/storefront"
    # A busy machine takes its time; what a deadline does is tested where it is the subject.
    settings.RECOMMENDATION_DEADLINE_S = 5.0
    forget_clients()
    yield
    delete_our_groups()
    forget_clients()


def active(ensure: Callable[[], Made]) -> Made:
    """Ask again until it is ACTIVE, as the ticks of a retrain do."""
    deadline_s = time.monotonic() + ACTIVE_WITHIN_S
    while (made := ensure()).status is not ResourceStatus.ACTIVE:
        assert made.status in {ResourceStatus.PENDING, ResourceStatus.IN_PROGRESS}, made
        assert time.monotonic() < deadline_s, made
        time.sleep(0.05)
    return made


def delete_our_groups() -> None:
    deadline_s = time.monotonic() + GONE_WITHIN_S
    for group in list(listed("list_dataset_groups", "datasetGroups")):
        while is_there(group["datasetGroupArn"]) and is_ours(group["datasetGroupArn"]):
            delete_group(group["datasetGroupArn"])
            assert time.monotonic() < deadline_s, group
            time.sleep(0.1)


def is_there(group_arn: str) -> bool:
    try:
        control("describe_dataset_group", datasetGroupArn=group_arn)
    except RecommendationsError:
        return False
    return True
