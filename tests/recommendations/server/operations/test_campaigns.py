import time
from collections.abc import Iterator
from typing import Any

import pytest

from recommendations.server.limits import MAX_CAMPAIGNS_IN_GROUP
from tests.factories.wire import refused, unique, wait_until_active
from tests.factories.wire_groups import Trained
from tests.wire_server import WireServer


@pytest.fixture(scope="module")
def popular(personalize: Any, trained: Trained) -> Iterator[str]:
    """A solution that is quickly trained."""
    solution = trained.group.solution("aws-popularity-count")
    trained.group.train(solution, name="first")
    yield solution
    personalize.delete_solution(solutionArn=solution)


def _wait_for_update(personalize: Any, arn: str) -> dict[str, Any]:
    while True:
        described: dict[str, Any] = personalize.describe_campaign(campaignArn=arn)["campaign"]
        assert described["status"] == "ACTIVE"
        if described["latestCampaignUpdate"]["status"] == "ACTIVE":
            return described
        time.sleep(0.05)


def test_campaign_is_described_and_deleted(personalize: Any, trained: Trained, popular: str, runtime: Any) -> None:
    config = {"itemExplorationConfig": {"explorationWeight": "0.1"}}

    arn = trained.group.campaign(f"{popular}/first", minProvisionedTPS=2, campaignConfig=config)

    described = personalize.describe_campaign(campaignArn=arn)["campaign"]
    assert (described["solutionVersionArn"], described["minProvisionedTPS"]) == (f"{popular}/first", 2)
    assert described["campaignConfig"] == config
    listed = personalize.list_campaigns(solutionArn=popular)["campaigns"]
    assert [each["campaignArn"] for each in listed] == [arn]
    assert runtime.get_recommendations(campaignArn=arn, userId="user-1")["itemList"]
    personalize.delete_campaign(campaignArn=arn)
    with refused("ResourceNotFoundException", arn):
        personalize.describe_campaign(campaignArn=arn)


def test_campaign_serves_the_old_version_until_its_update_is_active(
    personalize: Any, trained: Trained, popular: str, runtime: Any, wire_server: WireServer
) -> None:
    arn = trained.group.campaign(f"{popular}/first")
    second = trained.group.train(popular)["solutionVersionArn"]

    with wire_server.holding("resources"):
        personalize.update_campaign(campaignArn=arn, solutionVersionArn=second, minProvisionedTPS=3)

        during = personalize.describe_campaign(campaignArn=arn)["campaign"]
        assert (during["status"], during["solutionVersionArn"]) == ("ACTIVE", f"{popular}/first")
        assert during["latestCampaignUpdate"]["solutionVersionArn"] == second
        assert runtime.get_recommendations(campaignArn=arn, userId="user-1")["itemList"]
        with refused("ResourceInUseException", arn):
            personalize.update_campaign(campaignArn=arn, minProvisionedTPS=4)
        with refused("ResourceInUseException", arn):
            personalize.delete_campaign(campaignArn=arn)
    after = _wait_for_update(personalize, arn)
    assert (after["solutionVersionArn"], after["minProvisionedTPS"]) == (second, 3)
    with refused("InvalidInputException", "another solution"):
        personalize.update_campaign(campaignArn=arn, solutionVersionArn=trained.version)
    personalize.delete_campaign(campaignArn=arn)


def test_campaign_follows_the_newest_version_where_it_was_asked_to(
    personalize: Any, trained: Trained, popular: str
) -> None:
    arn = trained.group.campaign(f"{popular}/$LATEST", campaignConfig={"syncWithLatestSolutionVersion": True})

    newest = trained.group.train(popular)["solutionVersionArn"]

    deadline = time.monotonic() + 120
    while personalize.describe_campaign(campaignArn=arn)["campaign"]["solutionVersionArn"] != newest:
        assert time.monotonic() < deadline, "The campaign still serves an older version."
        time.sleep(0.1)
    personalize.delete_campaign(campaignArn=arn)


def test_campaigns_of_a_group_have_a_limit(personalize: Any, trained: Trained, popular: str) -> None:
    made = [
        personalize.create_campaign(name=unique("campaign"), solutionVersionArn=f"{popular}/first")["campaignArn"]
        for _ in range(MAX_CAMPAIGNS_IN_GROUP - 1)
    ]

    with refused("LimitExceededException", str(MAX_CAMPAIGNS_IN_GROUP)):
        personalize.create_campaign(name=unique("campaign"), solutionVersionArn=f"{popular}/first")

    for arn in made:
        wait_until_active(personalize.describe_campaign, "campaign", campaignArn=arn)
        personalize.delete_campaign(campaignArn=arn)


@pytest.mark.parametrize(
    ("more", "code", "words"),
    [
        ({"minProvisionedTPS": 2**40}, "InvalidInputException", ("minProvisionedTPS",)),
        ({"name": "bad name"}, "InvalidInputException", ("name",)),
        (
            {"campaignConfig": {"itemExplorationConfig": {"explorationWeight": "much"}}},
            "InvalidInputException",
            ("explorationWeight", "much"),
        ),
        (
            {"campaignConfig": {"itemExplorationConfig": {"curiosity": "1"}}},
            "InvalidInputException",
            ("curiosity", "explorationWeight"),
        ),
        ({"solutionVersionArn": "no-arn"}, "InvalidInputException", ("solutionVersionArn",)),
    ],
)
def test_campaign_of_wrong_input_is_refused(
    personalize: Any, trained: Trained, more: dict[str, Any], code: str, words: tuple[str, ...]
) -> None:
    given = {"name": unique("campaign"), "solutionVersionArn": trained.version, "minProvisionedTPS": 1, **more}

    with refused(code, *words):
        personalize.create_campaign(**given)


def test_campaign_of_nothing_or_a_taken_name_is_refused(personalize: Any, trained: Trained) -> None:
    name = personalize.describe_campaign(campaignArn=trained.campaign)["campaign"]["name"]

    with refused("ResourceNotFoundException", "/nothing"):
        personalize.create_campaign(name=unique("campaign"), solutionVersionArn=f"{trained.solution}/nothing")
    with refused("ResourceAlreadyExistsException", trained.campaign):
        personalize.create_campaign(name=name, solutionVersionArn=trained.version)
