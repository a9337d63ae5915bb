import json
import time
from typing import Any

import pytest

from tests.factories.wire import GENRES, ITEMS_PER_GENRE, genre_of, refused, unique
from tests.factories.wire_groups import Domain, Trained
from tests.quickness import quickest_s

N_ITEMS = len(GENRES) * ITEMS_PER_GENRE


def _ids(answer: dict[str, Any], member: str = "itemList") -> list[str]:
    return [item["itemId"] for item in answer[member]]


def test_recommendations_follow_the_users_taste_with_scores_that_are_shares(trained: Trained, runtime: Any) -> None:
    answer = runtime.get_recommendations(campaignArn=trained.campaign, userId="user-2", numResults=N_ITEMS)

    scores = [item["score"] for item in answer["itemList"]]
    liked = [item for item in _ids(answer)[:10] if genre_of(item) == "drama"]
    assert len(liked) >= 6
    assert len(set(_ids(answer))) == len(scores) == N_ITEMS
    assert sum(scores) == pytest.approx(1, abs=1e-6)
    assert answer["recommendationId"]
    assert len(_ids(runtime.get_recommendations(campaignArn=trained.campaign, userId="nobody"))) == 25


def test_recommendations_pass_a_filter_with_values(trained: Trained, runtime: Any) -> None:
    genre = trained.group.filter("INCLUDE ItemID WHERE Items.GENRE IN ($GENRE)")
    asked = {"campaignArn": trained.campaign, "userId": "user-2", "filterArn": genre, "numResults": N_ITEMS}

    answer = runtime.get_recommendations(**asked, filterValues={"GENRE": '"horror"'})

    assert {genre_of(item) for item in _ids(answer)} == {"horror"}
    assert len(_ids(answer)) == ITEMS_PER_GENRE
    with refused("InvalidInputException", "GENRE"):
        runtime.get_recommendations(**asked)


def test_recommendations_promote_a_share_of_items(trained: Trained, runtime: Any) -> None:
    promoted = trained.group.filter('INCLUDE ItemID WHERE Items.GENRE IN ("horror")')
    promotion = {"name": "halloween", "percentPromotedItems": 30, "filterArn": promoted}

    answer = runtime.get_recommendations(
        campaignArn=trained.campaign, userId="user-2", numResults=10, promotions=[promotion]
    )

    told = [item for item in answer["itemList"] if item.get("promotionName") == "halloween"]
    assert len(answer["itemList"]) == 10
    assert len(told) == 3
    assert {genre_of(item["itemId"]) for item in told} == {"horror"}
    assert all(item["reason"] == ["Promoted item"] for item in told)


def test_recommendations_tell_metadata(trained: Trained, runtime: Any) -> None:
    asked = {"campaignArn": trained.campaign, "userId": "user-2"}

    answer = runtime.get_recommendations(**asked, numResults=5, metadataColumns={"ITEMS": ["GENRE", "PRICE"]})

    for item in answer["itemList"]:
        assert set(item["metadata"]["GENRE"].split("|")) == {genre_of(item["itemId"]), "all"}
        assert item["metadata"]["PRICE"] == item["itemId"].removeprefix("item-")
    with refused("InvalidInputException", "numResults"):
        runtime.get_recommendations(**asked, numResults=51, metadataColumns={"ITEMS": ["GENRE"]})
    with refused("InvalidInputException", "COLOUR"):
        runtime.get_recommendations(**asked, metadataColumns={"ITEMS": ["COLOUR"]})


@pytest.mark.parametrize(
    ("more", "code", "words"),
    [
        ({"userId": ""}, "InvalidInputException", ("userId",)),
        ({"numResults": 501}, "InvalidInputException", ("numResults", "500")),
        ({"campaignArn": "no-arn"}, "InvalidInputException", ("campaignArn",)),
        ({"filterValues": {"G": '"x"'}}, "InvalidInputException", ("filterValues", "filterArn")),
        ({"userId": "u" * 257}, "InvalidInputException", ("userId", "256")),
        ({"recommenderArn": "arn:aws:personalize:local:000000000000:recommender/r"}, "InvalidInputException", ("one",)),
        (
            {"filterArn": "arn:aws:personalize:local:000000000000:filter/nothing"},
            "ResourceNotFoundException",
            ("filter/nothing",),
        ),
        (
            {"campaignArn": "arn:aws:personalize:local:000000000000:campaign/nothing"},
            "ResourceNotFoundException",
            ("campaign/nothing",),
        ),
    ],
)
def test_recommendations_of_wrong_input_are_refused(
    trained: Trained, runtime: Any, more: dict[str, Any], code: str, words: tuple[str, ...]
) -> None:
    given = {"campaignArn": trained.campaign, "userId": "user-2", **more}
    given = {name: value for name, value in given.items() if value != ""}

    with refused(code, *words):
        runtime.get_recommendations(**given)


def test_ranking_puts_unknown_items_last_without_a_score(trained: Trained, runtime: Any) -> None:
    given = ["unknown", "item-3", "item-43", "item-83"]

    answer = runtime.get_personalized_ranking(campaignArn=trained.campaign, userId="user-2", inputList=given)

    ranked = answer["personalizedRanking"]
    assert _ids(answer, "personalizedRanking")[0] == "item-43"
    assert ranked[-1] == {"itemId": "unknown"}
    assert sum(item["score"] for item in ranked[:-1]) == pytest.approx(1, abs=1e-6)
    with refused("InvalidInputException", "inputList"):
        runtime.get_personalized_ranking(campaignArn=trained.campaign, userId="user-2", inputList=["i"] * 501)
    with refused("InvalidInputException", "userId"):
        runtime.get_personalized_ranking(campaignArn=trained.campaign, userId="", inputList=["item-3"])


def test_events_change_the_next_answer_within_a_second(trained: Trained, runtime: Any, events: Any) -> None:
    def follow(user_id: str) -> float:
        asked = {"campaignArn": trained.campaign, "userId": user_id, "numResults": 10}
        before = _ids(runtime.get_recommendations(**asked))
        viewed = [{"eventType": "view", "itemId": f"item-{80 + n}", "sentAt": time.time()} for n in range(4)]
        events.put_events(trackingId=trained.tracking_id, sessionId=user_id, userId=user_id, eventList=viewed)
        began_s = time.monotonic()
        while (after := _ids(runtime.get_recommendations(**asked))) == before:
            assert time.monotonic() < began_s + 60, "The answer is still the same."
        took_s = time.monotonic() - began_s
        assert sum(genre_of(item) == "romance" for item in after) > sum(genre_of(item) == "romance" for item in before)
        return took_s

    assert quickest_s(lambda: follow(unique("newcomer")), enough_s=1) < 1


def test_anonymous_history_joins_the_account_with_one_event(trained: Trained, runtime: Any, events: Any) -> None:
    viewed = [{"eventType": "view", "itemId": f"item-{60 + n}", "sentAt": time.time()} for n in range(4)]
    events.put_events(trackingId=trained.tracking_id, sessionId="s-anonymous", eventList=viewed)
    anonymous = _ids(runtime.get_recommendations(campaignArn=trained.campaign, userId="s-anonymous", numResults=10))

    signed_in = [{"eventType": "view", "itemId": "item-65", "sentAt": time.time()}]
    events.put_events(trackingId=trained.tracking_id, sessionId="s-anonymous", userId="account", eventList=signed_in)

    account = _ids(runtime.get_recommendations(campaignArn=trained.campaign, userId="account", numResults=10))
    assert sum(genre_of(item) == "horror" for item in anonymous) >= 3
    assert sum(genre_of(item) == "horror" for item in account) >= 3


def test_events_whose_item_only_their_properties_name_change_the_next_answer(
    trained: Trained, runtime: Any, events: Any
) -> None:
    asked = {"campaignArn": trained.campaign, "userId": "old-client", "numResults": 10}
    properties = [json.dumps({"itemId": f"item-{60 + n}", "eventValue": "4.5"}) for n in range(4)]
    viewed = [{"eventType": "view", "sentAt": time.time(), "properties": each} for each in properties]

    events.put_events(trackingId=trained.tracking_id, sessionId="s-old", userId="old-client", eventList=viewed)

    answer = _ids(runtime.get_recommendations(**asked))
    assert sum(genre_of(item) == "horror" for item in answer) >= 3


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"trackingId": "nothing"}, ("trackingId", "nothing")),
        ({"eventList": [{"eventType": "view", "sentAt": 1}] * 11}, ("eventList",)),
        ({"eventList": [{"eventType": "view", "sentAt": 1, "properties": "[1]"}]}, ("properties", "JSON object")),
        ({"eventList": [{"eventType": "view", "sentAt": 1, "properties": '{"itemId": []}'}]}, ("properties.itemId",)),
        ({"eventList": [{"eventType": "view", "sentAt": 1, "properties": '{"itemId": true}'}]}, ("properties.itemId",)),
        (
            {"eventList": [{"eventType": "view", "sentAt": 1, "properties": '{"itemId": "i", "eventValue": "much"}'}]},
            ("properties.eventValue",),
        ),
        ({"eventList": [{"eventType": "v" * 257, "sentAt": 1}]}, ("eventType",)),
    ],
)
def test_events_of_wrong_input_are_refused(
    trained: Trained, events: Any, more: dict[str, Any], words: tuple[str, ...]
) -> None:
    given = {
        "trackingId": trained.tracking_id,
        "sessionId": "s",
        "eventList": [{"eventType": "view", "itemId": "item-1", "sentAt": 1_700_000_000}],
    }

    with refused("InvalidInputException", *words):
        events.put_events(**{**given, **more})


def test_items_and_users_are_put(trained: Trained, events: Any, domain: Domain) -> None:
    item = {"itemId": "fresh", "properties": json.dumps({"genre": "drama|all", "price": 3})}
    user = {"userId": "fresh", "properties": json.dumps({"age": 30})}

    events.put_items(datasetArn=trained.items, items=[item])
    events.put_users(datasetArn=trained.users, users=[user])

    wrong = {"itemId": "fresh", "properties": json.dumps({"colour": "red"})}
    with refused("InvalidInputException", "colour", "GENRE"):
        events.put_items(datasetArn=trained.items, items=[wrong])
    with refused("InvalidInputException", "items.1.member"):
        events.put_items(datasetArn=trained.items, items=[{"itemId": "x", "properties": '{"price": "cheap"}'}])
    with refused("InvalidInputException", "PRICE is not a finite number"):
        events.put_items(datasetArn=trained.items, items=[{"itemId": "x", "properties": f'{{"price": {10**400}}}'}])
    with refused("InvalidInputException", "Users"):
        events.put_users(datasetArn=trained.items, users=[user])
    with refused("ResourceNotFoundException", "ITEMS"):
        events.put_items(datasetArn=domain.group.arn.replace("dataset-group", "dataset") + "/ITEMS", items=[item])
    with refused("InvalidInputException", "items"):
        events.put_items(datasetArn=trained.items, items=[item] * 11)
