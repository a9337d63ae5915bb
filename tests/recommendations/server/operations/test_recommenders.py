from typing import Any

import pytest

from recommendations.server.limits import MAX_CAMPAIGNS_IN_GROUP, MAX_SOLUTIONS_IN_GROUP
from tests.factories.wire import RECIPE, refused, unique, wait_until_active, wait_until_over
from tests.factories.wire_groups import Domain, Group
from tests.wire_server import WireServer

FOR_YOU = f"{RECIPE}aws-ecomm-recommended-for-you"


def _ids(answer: dict[str, Any]) -> list[str]:
    return [item["itemId"] for item in answer["itemList"]]


def test_recommender_answers_without_scores_and_hides_what_was_bought(
    domain: Domain, runtime: Any, events: Any
) -> None:
    first = runtime.get_recommendations(recommenderArn=domain.recommender, userId="user-1", numResults=100)
    bought = _ids(first)[0]

    events.put_events(
        trackingId=domain.tracking_id,
        sessionId="s",
        userId="user-1",
        eventList=[{"eventType": "Purchase", "itemId": bought, "sentAt": 1_800_000_000}],
    )

    answer = runtime.get_recommendations(recommenderArn=domain.recommender, userId="user-1", numResults=100)
    assert all("score" not in item for item in first["itemList"])
    assert bought not in _ids(answer)
    assert len(_ids(answer)) == len(_ids(first)) - 1


def test_recommender_hides_what_was_bought_beside_another_filter(domain: Domain, runtime: Any, events: Any) -> None:
    everything = domain.group.filter('EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("Share")')
    asked = {"recommenderArn": domain.recommender, "userId": "user-2", "numResults": 100, "filterArn": everything}
    bought = _ids(runtime.get_recommendations(**asked))[0]

    events.put_events(
        trackingId=domain.tracking_id,
        sessionId="s",
        userId="user-2",
        eventList=[{"eventType": "Purchase", "itemId": bought, "sentAt": 1_800_000_000}],
    )

    assert bought not in _ids(runtime.get_recommendations(**asked))


def test_recommender_promotes_as_many_as_asked_although_some_were_bought(domain: Domain, runtime: Any) -> None:
    everything = domain.group.filter('EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("Share")')
    promotion = {"name": "all", "percentPromotedItems": 50, "filterArn": everything}

    answer = runtime.get_recommendations(
        recommenderArn=domain.recommender, userId="user-3", numResults=20, promotions=[promotion]
    )

    assert sum(item.get("promotionName") == "all" for item in answer["itemList"]) == 10
    assert len(_ids(answer)) == len(set(_ids(answer))) == 20


def test_recommender_takes_no_solutions_or_campaigns_room(personalize: Any, domain: Domain) -> None:
    solutions = [domain.group.solution("aws-popularity-count") for _ in range(MAX_SOLUTIONS_IN_GROUP)]
    version = domain.group.train(solutions[0])["solutionVersionArn"]

    campaigns = [domain.group.campaign(version) for _ in range(MAX_CAMPAIGNS_IN_GROUP)]

    with refused("LimitExceededException", "solutions"):
        domain.group.solution("aws-popularity-count")
    with refused("LimitExceededException", "campaigns"):
        domain.group.campaign(version)
    for campaign in campaigns:
        personalize.delete_campaign(campaignArn=campaign)
    for solution in solutions:
        personalize.delete_solution(solutionArn=solution)


def test_recommender_is_described_and_its_parts_are_hidden(personalize: Any, domain: Domain) -> None:
    described = personalize.describe_recommender(recommenderArn=domain.recommender)["recommender"]

    assert (described["status"], described["recipeArn"]) == ("ACTIVE", FOR_YOU)
    assert 0 <= described["modelMetrics"]["coverage"] <= 1
    assert personalize.list_solutions(datasetGroupArn=domain.group.arn)["solutions"] == []
    listed = personalize.list_filters(datasetGroupArn=domain.group.arn)["Filters"]
    assert not [each for each in listed if ":recommender/" in each["filterArn"]]
    assert domain.recommender not in {each["campaignArn"] for each in personalize.list_campaigns()["campaigns"]}
    with refused("ResourceNotFoundException"):
        personalize.describe_filter(filterArn=f"{domain.recommender}/filter")


def test_recommender_is_updated(personalize: Any, domain: Domain, wire_server: WireServer) -> None:
    config = {"itemExplorationConfig": {"explorationWeight": "0.9", "explorationItemAgeCutOff": "7"}}

    with wire_server.holding("resources"):
        personalize.update_recommender(recommenderArn=domain.recommender, recommenderConfig=config)

        with refused("ResourceInUseException", domain.recommender):
            personalize.update_recommender(recommenderArn=domain.recommender, recommenderConfig={})
    while True:
        described = personalize.describe_recommender(recommenderArn=domain.recommender)["recommender"]
        if described["latestRecommenderUpdate"]["status"] == "ACTIVE":
            break
        assert described["status"] == "ACTIVE"
    assert described["recommenderConfig"] == described["latestRecommenderUpdate"]["recommenderConfig"] == config
    wrong = {"itemExplorationConfig": {"explorationWeight": "2"}}
    with refused("InvalidInputException", "explorationWeight", "'2'"):
        personalize.update_recommender(recommenderArn=domain.recommender, recommenderConfig=wrong)


def test_recommender_that_is_stopped_answers_once_it_is_started(personalize: Any, domain: Domain, runtime: Any) -> None:
    arn = domain.group.recommender("aws-ecomm-popular-items-by-views")
    asked = {"recommenderArn": arn, "userId": "user-1"}

    personalize.stop_recommender(recommenderArn=arn)

    stopped = wait_until_over(personalize.describe_recommender, "recommender", recommenderArn=arn)
    assert stopped["status"] == "INACTIVE"
    with refused("InvalidInputException", "INACTIVE"):
        runtime.get_recommendations(**asked)
    with refused("ResourceInUseException", "INACTIVE"):
        personalize.stop_recommender(recommenderArn=arn)
    personalize.start_recommender(recommenderArn=arn)
    wait_until_active(personalize.describe_recommender, "recommender", recommenderArn=arn)
    assert len(runtime.get_recommendations(**asked)["itemList"]) == 25
    personalize.delete_recommender(recommenderArn=arn)
    with refused("ResourceNotFoundException", arn):
        personalize.describe_recommender(recommenderArn=arn)


@pytest.mark.parametrize(
    ("recipe", "code", "word"),
    [
        ("aws-vod-top-picks", "InvalidInputException", "ECOMMERCE"),
        ("aws-user-personalization", "InvalidInputException", "aws-ecomm-recommended-for-you"),
        ("aws-nothing", "ResourceNotFoundException", "aws-nothing"),
    ],
)
def test_recommender_of_another_recipe_is_refused(
    personalize: Any, domain: Domain, recipe: str, code: str, word: str
) -> None:
    with refused(code, word):
        personalize.create_recommender(
            name=unique("recommender"), datasetGroupArn=domain.group.arn, recipeArn=f"{RECIPE}{recipe}"
        )


def test_recommender_needs_a_domain(personalize: Any, plain: Group) -> None:
    with refused("InvalidInputException", plain.arn, "domain"):
        personalize.create_recommender(name=unique("recommender"), datasetGroupArn=plain.arn, recipeArn=FOR_YOU)
