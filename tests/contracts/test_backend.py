"""What every recommender backend promises at the port; each backend brings only its name and its trainer."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar
from uuid import uuid4

import pytest

from recommendations import conf, ports
from recommendations.adapters.embedded.following import FOLLOWER
from recommendations.adapters.embedded.runtime import EmbeddedRuntime
from recommendations.adapters.embedded.training import train_next
from recommendations.adapters.registry import BACKENDS, get_backend
from recommendations.engine.evaluation.asking import METRICS
from recommendations.exceptions import InvalidInput, ResourceNotFound, ResourceNotReady
from recommendations.ports import Backend, DatasetType, Interaction, Item, ResourceStatus
from tests.factories.retraining import make_interaction, past_of, write_csv

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("calm_world")]

RECIPE = "aws-user-personalization"
TASTES = ([f"EVEN-{number:02}" for number in range(16)], [f"ODD-{number:02}" for number in range(16)])
BOUGHT = 'EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("purchase")'
# Backend -> what makes its pending trainings happen; a service of its own needs nobody for that.
TRAINERS: dict[str, Callable[[], object]] = {"embedded": train_next, "personalize": lambda: None}
# Backend -> what waits until live events count in everybody's lists.
SETTLERS: dict[str, Callable[[], object]] = {"embedded": FOLLOWER.catch_up, "personalize": lambda: None}
# Those that learn only from the events themselves, keep nothing of one user alone, and measure by themselves.
SERVICES = frozenset({"personalize"})
UNDER_WAY = (ResourceStatus.PENDING, ResourceStatus.IN_PROGRESS)
Made = TypeVar("Made", bound=ports.Resource)


def until(ask: Callable[[], Made], is_so: Callable[[Made], bool]) -> Made:
    """Ask again until it is so, as the ticks of a retrain do."""
    deadline_s = time.monotonic() + 180
    while not is_so(made := ask()):
        assert time.monotonic() < deadline_s, made
        time.sleep(0.1)
    return made


def steady(ask: Callable[[], ports.RecommendationList]) -> ports.RecommendationList:
    """Ask until the answer stays the same for a while: another process has then heard of every event."""
    deadline_s, answer, n_same = time.monotonic() + 60, ask(), 0
    while n_same < 6:
        assert time.monotonic() < deadline_s, "the answer goes on changing"
        time.sleep(0.3)
        before, answer = answer, ask()
        n_same = n_same + 1 if (answer.item_ids, answer.scores) == (before.item_ids, before.scores) else 0
    return answer


def settled(ask: Callable[[], Made]) -> Made:
    return until(ask, lambda made: made.status not in UNDER_WAY)


@dataclass(frozen=True)
class Group:
    """A dataset group under test, and shortcuts to what hangs on it."""

    backend: Backend
    name: str
    arn: str

    def import_file(
        self, path: Path, job_name: str = "job", dataset_type: DatasetType = DatasetType.INTERACTIONS
    ) -> ports.ImportJob:
        ensure = self.backend.control.ensure_import
        return settled(lambda: ensure(job_name, dataset_group_arn=self.arn, location=path, dataset_type=dataset_type))

    def solution_version(self, **settings: object) -> ports.SolutionVersion:
        """The version, once there is one."""
        given = {"recipe": RECIPE, "hyperparameters": {}, "event_weights": {}, **settings}
        ensure = self.backend.control.ensure_solution_version
        return until(
            lambda: ensure(self.name, dataset_group_arn=self.arn, **given),  # type: ignore[arg-type]
            lambda made: made.arn.count("/") == 2,
        )

    def train(self, **settings: object) -> ports.SolutionVersion:
        self.solution_version(**settings)
        TRAINERS[self.backend.name]()
        return settled(lambda: self.solution_version(**settings))

    def tracker(self) -> ports.EventTracker:
        ensure = self.backend.control.ensure_event_tracker
        return settled(lambda: ensure(self.name, dataset_group_arn=self.arn))

    def filter(self, expression: str) -> ports.Resource:
        ensure = self.backend.control.ensure_filter
        return settled(lambda: ensure(self.name, dataset_group_arn=self.arn, expression=expression))

    def campaign(
        self, name: str = "", *, version_arn: str = "", exploration: ports.Exploration = ports.DEFAULT_EXPLORATION
    ) -> ports.Resource:
        arn = version_arn or self.solution_version().arn
        ensure = self.backend.control.ensure_campaign
        return settled(lambda: ensure(name or self.name, solution_version_arn=arn, exploration=exploration))

    def ask(self, user_id: str, k: int = 12) -> list[str]:
        return list(self.answer(user_id, k).item_ids)

    def answer(self, user_id: str, k: int = 12) -> ports.RecommendationList:
        """What the backend says once all live events count."""
        arn = self.campaign().arn
        self.backend.runtime.get_recommendations(arn, user_id=user_id, k=1)
        SETTLERS[self.backend.name]()
        return self.backend.runtime.get_recommendations(arn, user_id=user_id, k=k)


def make_group(backend: Backend, name: str) -> Group:
    made = settled(lambda: backend.control.ensure_dataset_group(name, tags={"rotation": "home"}))
    return Group(backend, name, made.arn)


@pytest.fixture(params=sorted(BACKENDS))
def group(request: pytest.FixtureRequest, personalize_service: None) -> Group:
    return make_group(get_backend(request.param), f"contract-{uuid4().hex[:8]}")


@pytest.fixture
def past(tmp_path: Path) -> Path:
    return write_csv(tmp_path / "past.csv", past_of(TASTES))


@pytest.fixture
def serving(group: Group, past: Path) -> Group:
    group.import_file(past)
    group.train()
    return group


def test_backend_describes_what_it_made_before(serving: Group, past: Path) -> None:
    control = serving.backend.control
    tracker = serving.tracker()
    made = [serving.import_file(past), serving.solution_version(), serving.campaign()]

    again = [serving.import_file(past), serving.solution_version(), serving.campaign()]

    assert again == made
    assert control.ensure_dataset_group(serving.name, tags={}).arn == serving.arn
    assert serving.tracker() == tracker
    assert control.find_dataset_group(serving.name) is not None


@pytest.mark.parametrize("name", ["", "-begins-with-a-sign", "has space", "x" * 64])
def test_backend_refuses_names_that_personalize_refuses(group: Group, name: str) -> None:
    with pytest.raises(InvalidInput, match="letters, digits"):
        group.backend.control.ensure_dataset_group(name, tags={})


def test_backend_counts_imported_rows(group: Group, past: Path) -> None:
    job = group.import_file(past)

    assert job.status is ResourceStatus.ACTIVE
    assert job.n_rows == len(past.read_text().splitlines()) - 1


def test_backend_names_line_and_column_of_a_bad_row(group: Group, past: Path) -> None:
    lines = past.read_text().splitlines()
    lines[999] = lines[999].replace(lines[999].split(",")[2], "yesterday")
    past.write_text("\n".join(lines))

    job = group.import_file(past)

    assert job.status is ResourceStatus.FAILED
    assert "Line 1000" in job.failure_reason
    assert "TIMESTAMP" in job.failure_reason


def test_backend_refuses_a_file_that_lacks_a_column(group: Group, tmp_path: Path) -> None:
    path = tmp_path / "short.csv"
    path.write_text("USER_ID,ITEM_ID\na,b\n")

    with pytest.raises(InvalidInput, match=r"missing the following columns:\[TIMESTAMP\]"):
        group.import_file(path)
    with pytest.raises(InvalidInput, match="cannot be read"):
        group.import_file(tmp_path / "absent.csv", "other")


def test_backend_fails_an_import_below_the_minimum(group: Group, tmp_path: Path) -> None:
    job = group.import_file(write_csv(tmp_path / "few.csv", past_of(TASTES)[:999]))

    assert job.status is ResourceStatus.FAILED
    assert job.failure_reason.startswith("Create failed. Dataset has fewer than 1000 interactions")


def test_backend_fails_a_training_on_too_few_users(group: Group, tmp_path: Path) -> None:
    few = [make_interaction(f"user-{number % 20}", "ITEM", days_ago=number / 100) for number in range(1000)]
    group.import_file(write_csv(tmp_path / "few.csv", few))

    version = group.train()

    assert version.status is ResourceStatus.FAILED
    assert version.failure_reason == "Create failed. Dataset has fewer than 25 users with at least 2 interactions each."


def test_backend_refuses_unknown_recipes_and_hyperparameters(group: Group) -> None:
    with pytest.raises(InvalidInput, match="no-such-recipe"):
        group.solution_version(recipe="no-such-recipe")
    with pytest.raises(InvalidInput, match="no_such_number"):
        group.solution_version(hyperparameters={"no_such_number": 1})


def test_backend_trains_what_is_pending(group: Group, past: Path) -> None:
    group.import_file(past)

    before = group.solution_version()
    after = group.train()

    # A service may have trained it by the time that it says so.
    assert before.status in UNDER_WAY or group.backend.name in SERVICES
    assert (after.arn, after.status, after.progress) == (before.arn, ResourceStatus.ACTIVE, 1.0)


def test_backend_shows_a_training_and_makes_none_by_looking(group: Group, past: Path) -> None:
    find = group.backend.control.find_solution_version
    group.import_file(past)

    before, made, pending = find(group.name), group.solution_version(), find(group.name)
    group.train()
    after = find(group.name)

    assert before is None
    assert pending is not None
    assert pending.arn == made.arn
    assert pending.progress == 0.0 or pending.status is ResourceStatus.ACTIVE
    assert after is not None
    assert (after.status, after.progress) == (ResourceStatus.ACTIVE, 1.0)


def test_backend_keeps_what_was_measured_with_the_version(serving: Group) -> None:
    control = serving.backend.control
    names = [*METRICS, "coverage"]
    figures = {"splits": [{"repeats": True, "recipe": {name: [0.5, 0.4, 0.6] for name in names} | {"coverage": 0.5}}]}

    before = serving.solution_version()
    control.keep_metrics(before.arn, figures)
    after = serving.solution_version()

    if serving.backend.name in SERVICES:
        assert set(before.metrics) >= set(names)
        assert after.metrics == before.metrics
    else:
        assert before.metrics == {}
        assert after.metrics == dict.fromkeys(names, 0.5)
        assert after.training["n_interactions"] == 1200
    with pytest.raises(ResourceNotFound):
        control.keep_metrics(before.arn + "-none", figures)


def test_backend_deploys_no_untrained_version(group: Group) -> None:
    group.solution_version()

    with pytest.raises(ResourceNotReady):
        group.campaign()


def test_backend_recommends_by_a_users_own_past(serving: Group) -> None:
    even, odd = serving.ask("even-0"), serving.ask("odd-1")

    assert len(set(even)) == len(set(odd)) == 12
    assert sum(item.startswith("EVEN") for item in even[:8]) >= 7
    assert sum(item.startswith("ODD") for item in odd[:8]) >= 7


def test_backend_recommends_to_an_unknown_user(serving: Group) -> None:
    assert len(set(serving.ask("never-seen"))) == 12


@pytest.mark.parametrize("k", [0, -1, 501])
def test_backend_refuses_a_wrong_number_of_items(serving: Group, k: int) -> None:
    with pytest.raises(InvalidInput, match="k =="):
        serving.ask("even-0", k)


def test_backend_knows_no_campaign_it_did_not_make(group: Group) -> None:
    with pytest.raises(ResourceNotFound):
        group.backend.runtime.get_recommendations(
            "arn:aws:personalize:local:000000000000:campaign/none", user_id="a", k=1
        )


def test_backend_takes_live_events_into_the_next_answer(serving: Group) -> None:
    tracker = serving.tracker()
    views = [make_interaction("newcomer", item, days_ago=0) for item in TASTES[1][:5]]

    serving.backend.events.put_events(tracker.tracking_id, views)
    answer = serving.ask("newcomer", 8)

    assert sum(item.startswith("ODD") for item in answer) >= 7


def test_backend_takes_a_repeated_event_once(serving: Group) -> None:
    tracker = serving.tracker()
    views = [make_interaction("newcomer", item, days_ago=0) for item in (TASTES[0][0], TASTES[1][0])]
    serving.backend.events.put_events(tracker.tracking_id, views)
    once = steady(lambda: serving.answer("newcomer", 25))

    for _ in range(5):
        serving.backend.events.put_events(tracker.tracking_id, views[:1])

    again = steady(lambda: serving.answer("newcomer", 25))
    assert (again.item_ids, again.scores) == (once.item_ids, once.scores)
    assert again.recommendation_id != once.recommendation_id


def test_backend_forgets_a_users_live_events(serving: Group) -> None:
    tracker = serving.tracker()
    before = serving.ask("newcomer", 8)
    serving.backend.events.put_events(
        tracker.tracking_id, [make_interaction("newcomer", item, days_ago=0) for item in TASTES[1][:5]]
    )

    for _ in range(2):
        serving.backend.events.forget_user(tracker.tracking_id, user_id="newcomer")

    # A service that has no deletion of one user's events deletes them with their group.
    assert (serving.ask("newcomer", 8) == before) is (serving.backend.name not in SERVICES)


def test_backend_joins_an_unknown_users_events_to_a_known_ones(serving: Group) -> None:
    tracker = serving.tracker()
    before = serving.ask("account", 8)
    serving.backend.events.put_events(
        tracker.tracking_id, [make_interaction("device", item, days_ago=0) for item in TASTES[1][:5]]
    )

    for _ in range(2):
        serving.backend.events.join_users(tracker.tracking_id, user_id="device", heir_id="account")
    joined, device = serving.ask("account", 8), serving.ask("device", 8)
    serving.backend.events.forget_user(tracker.tracking_id, user_id="account")

    assert sum(item.startswith("ODD") for item in joined) >= 7
    assert sum(item.startswith("ODD") for item in device) < 7
    assert (serving.ask("account", 8) == before) is (serving.backend.name not in SERVICES)


def test_backend_lets_live_events_move_the_lists_of_others(serving: Group) -> None:
    tracker = serving.tracker()
    before = dict(zip((first := serving.answer("even-0", 32)).item_ids, first.scores, strict=True))
    views = [make_interaction(f"visitor-{number}", "ODD-15", days_ago=0) for number in range(40)]
    views += [make_interaction(f"visitor-{number}", item, days_ago=0) for number in range(40) for item in TASTES[0][:3]]

    serving.backend.events.put_events(tracker.tracking_id, views)

    deadline_s = time.monotonic() + 60
    while True:
        after = dict(zip((second := serving.answer("even-0", 32)).item_ids, second.scores, strict=True))
        if after.get("ODD-15", 0.0) > before.get("ODD-15", 0.0) or time.monotonic() > deadline_s:
            break
        time.sleep(0.2)
    assert after.get("ODD-15", 0.0) > before.get("ODD-15", 0.0)


def test_backend_knows_no_tracker_it_did_not_make(group: Group) -> None:
    with pytest.raises(ResourceNotFound):
        group.backend.events.put_events("no-such-tracker", [_view()])
    with pytest.raises(ResourceNotFound):
        group.backend.events.forget_user("no-such-tracker", user_id="newcomer")
    with pytest.raises(ResourceNotFound):
        group.backend.events.join_users("no-such-tracker", user_id="newcomer", heir_id="account")


def test_backend_deletes_a_group_with_all_in_it(serving: Group) -> None:
    control = serving.backend.control
    tracker = serving.tracker()
    serving.campaign()
    version = serving.solution_version()

    gone = control.delete_dataset_group(serving.arn)

    assert gone
    assert control.delete_dataset_group(serving.arn)
    assert control.find_dataset_group(serving.name) is None
    with pytest.raises(ResourceNotFound):
        serving.backend.events.put_events(tracker.tracking_id, [_view()])
    with pytest.raises(ResourceNotFound):
        control.ensure_campaign("another", solution_version_arn=version.arn)


def _view() -> Interaction:
    return make_interaction("somebody", "ITEM", days_ago=0)


METADATA = {
    DatasetType.ITEMS: "ITEM_ID,CREATION_TIMESTAMP,CATEGORY_L1,BRAND,PRICE\nEVEN-00,1700000000,Caps,Northwold,12.5\n",
    DatasetType.USERS: "USER_ID,FIRST_SEEN_MONTH,FAVOURITE_CATEGORY\neven-0,2026-03,Caps\n",
}


@pytest.mark.parametrize("kind", list(METADATA))
def test_backend_takes_items_and_users_beside_interactions(serving: Group, tmp_path: Path, kind: DatasetType) -> None:
    path = tmp_path / f"{kind.value}.csv"
    path.write_text(METADATA[kind])

    first, again = (serving.import_file(path, f"job-{kind.value}", kind) for _ in range(2))

    assert (first.status, first.n_rows) == (ResourceStatus.ACTIVE, 1)
    assert again == first
    assert len(set(serving.ask("even-0"))) == 12


def test_backend_lends_a_model_that_knows_nothing_live(serving: Group) -> None:
    tracker = serving.tracker()
    views = [make_interaction("newcomer", item, days_ago=0) for item in TASTES[1][:5]]
    serving.backend.events.put_events(tracker.tracking_id, views)

    ranker = serving.backend.control.open_ranker(serving.solution_version().arn)

    assert ranker is None or ranker.rank(["newcomer"], 8) == ranker.rank(["never-seen"], 8)
    if ranker is not None:
        (even,) = ranker.rank(["even-0"], 8)
        assert sum(item.startswith("EVEN") for item in even) >= 7


def test_backend_lends_no_model_that_is_not_trained(group: Group, past: Path) -> None:
    group.import_file(past)
    version = group.solution_version()

    with pytest.raises(ResourceNotReady):
        group.backend.control.open_ranker(version.arn)
    with pytest.raises(ResourceNotFound):
        group.backend.control.open_ranker(f"{version.arn}-none")


def test_backend_ranks_given_items_for_a_user_and_keeps_those_it_does_not_know_last(serving: Group) -> None:
    given = ["unknown-b", *TASTES[0][:4], *TASTES[1][:4], "unknown-a"]

    even, odd = (
        serving.backend.runtime.get_personalized_ranking(serving.campaign().arn, user_id=user_id, item_ids=given)
        for user_id in ("even-0", "odd-1")
    )

    assert sorted(even.item_ids) == sorted(odd.item_ids) == sorted(given)
    assert even.item_ids[-2:] == odd.item_ids[-2:] == ("unknown-b", "unknown-a")
    assert sum(item.startswith("EVEN") for item in even.item_ids[:4]) >= 3
    assert sum(item.startswith("ODD") for item in odd.item_ids[:4]) >= 3
    assert 8 >= len(even.scores) >= 4


def test_backend_ranks_at_most_five_hundred_items(serving: Group) -> None:
    rank, arn = serving.backend.runtime.get_personalized_ranking, serving.campaign().arn

    assert rank(arn, user_id="even-0", item_ids=[]).item_ids == ()
    assert len(rank(arn, user_id="even-0", item_ids=[f"item-{number}" for number in range(500)] * 2).item_ids) == 500
    with pytest.raises(InvalidInput, match="item_ids has 501"):
        rank(arn, user_id="even-0", item_ids=[f"item-{number}" for number in range(501)])


def test_backend_relates_items_to_an_item_and_else_to_the_users_newest(group: Group, past: Path) -> None:
    group.import_file(past)
    arn = group.campaign(version_arn=group.train(recipe="aws-similar-items").arn).arn
    runtime = group.backend.runtime

    beside_odd = runtime.get_recommendations(arn, k=8, user_id="even-0", item_id=TASTES[1][3]).item_ids

    assert TASTES[1][3] not in beside_odd
    assert all(item.startswith("ODD") for item in beside_odd)
    assert len(beside_odd) == 8
    if group.backend.name in SERVICES:
        with pytest.raises(InvalidInput, match="itemId"):
            runtime.get_recommendations(arn, k=8, user_id="even-0")
    else:
        beside_newest = runtime.get_recommendations(arn, k=8, user_id="even-0").item_ids
        assert len(beside_newest) == 8
        assert all(item.startswith("EVEN") for item in beside_newest)
    with pytest.raises(InvalidInput, match=r"campaign_?[aA]rn"):
        runtime.get_personalized_ranking(arn, user_id="even-0", item_ids=TASTES[0])


def test_backend_lists_popular_items_beside_one_that_it_does_not_know(group: Group, past: Path) -> None:
    group.import_file(past)
    arn = group.campaign(version_arn=group.train(recipe="aws-similar-items").arn).arn

    beside_nothing = group.backend.runtime.get_recommendations(arn, k=8, item_id="unheard-of")

    assert len(set(beside_nothing.item_ids)) == 8
    assert beside_nothing.scores == ()


def test_backend_describes_the_filter_it_made_before(group: Group) -> None:
    ensure, bought = group.backend.control.ensure_filter, BOUGHT

    first, again = (group.filter(bought) for _ in range(2))

    assert again == first
    assert first.status is ResourceStatus.ACTIVE
    with pytest.raises(InvalidInput, match="filter of this name"):
        ensure(group.name, dataset_group_arn=group.arn, expression=bought.replace("purchase", "watch"))
    with pytest.raises(InvalidInput, match="2501 characters"):
        ensure(f"{group.name}-2", dataset_group_arn=group.arn, expression=bought + " " * (2501 - len(bought)))


def test_backend_filters_what_the_user_did_before_it_takes_the_best(serving: Group) -> None:
    runtime, arn = serving.backend.runtime, serving.campaign().arn
    tracker = serving.tracker()
    bought = serving.filter(BOUGHT)
    ten = [make_interaction("newcomer", item, days_ago=0, event_type="purchase") for item in TASTES[1][:10]]

    before = runtime.get_recommendations(arn, user_id="newcomer", k=12, filter_arn=bought.arn).item_ids
    serving.backend.events.put_events(tracker.tracking_id, ten)
    after = runtime.get_recommendations(arn, user_id="newcomer", k=12, filter_arn=bought.arn).item_ids
    ranked = runtime.get_personalized_ranking(
        arn, user_id="newcomer", item_ids=["unknown", *TASTES[1]], filter_arn=bought.arn
    ).item_ids

    assert len(before) == len(after) == 12
    assert set(after[:6]) == set(TASTES[1][10:])
    assert set(ranked) == {"unknown", *TASTES[1][10:]}
    assert ranked[-1] == "unknown"


def test_backend_filters_a_purchase_of_long_ago(group: Group, tmp_path: Path) -> None:
    long_ago = make_interaction("even-0", TASTES[0][5], days_ago=90, event_type="purchase")
    views = [make_interaction("even-0", TASTES[0][number % 16], days_ago=60 - number / 10) for number in range(120)]
    group.import_file(write_csv(tmp_path / "long.csv", [*past_of(TASTES), long_ago, *views]))
    group.train()
    bought = group.filter(BOUGHT)

    answer = group.backend.runtime.get_recommendations(
        group.campaign().arn, user_id="even-0", k=32, filter_arn=bought.arn
    )

    assert set(answer.item_ids) == {*TASTES[0], *TASTES[1]} - {TASTES[0][5]}


def test_backend_takes_a_filters_values_with_the_request(serving: Group) -> None:
    runtime, arn = serving.backend.runtime, serving.campaign().arn
    only = serving.filter("INCLUDE ItemID WHERE Items.ITEM_ID IN ($ITEMS)")

    def ask(**values: str) -> tuple[str, ...]:
        return runtime.get_recommendations(
            arn, user_id="even-0", k=12, filter_arn=only.arn, filter_values=values
        ).item_ids

    assert set(ask(ITEMS=f'"{TASTES[0][3]}","{TASTES[1][3]}","unknown"')) == {TASTES[0][3], TASTES[1][3]}
    assert ask(ITEMS='"unknown"') == ()
    for values in ({}, {"ITEMS": TASTES[0][3]}, {"ITEMS": '"a"', "MORE": '"b"'}):
        with pytest.raises(InvalidInput, match="filter_values"):
            ask(**values)


@pytest.mark.parametrize(
    ("expression", "fault"),
    [
        ("EXCLUDE items", "At character 9"),
        ('EXCLUDE ItemID WHERE Items.COLOUR = "red"', "no Items.COLOUR"),
        ("EXCLUDE ItemID WHERE Items.BRAND > 3", "holds texts"),
        ("EXCLUDE ItemID WHERE Items.PRICE > 3 IF CurrentUser.AGE > 3", "no CurrentUser.AGE"),
    ],
)
def test_backend_refuses_a_filter_that_it_could_not_apply(group: Group, expression: str, fault: str) -> None:
    with pytest.raises(InvalidInput, match=fault):
        group.backend.control.ensure_filter(group.name, dataset_group_arn=group.arn, expression=expression)


def test_backend_applies_only_filters_of_the_campaigns_group(serving: Group) -> None:
    runtime, arn = serving.backend.runtime, serving.campaign().arn
    foreign = make_group(serving.backend, f"{serving.name}-other").filter("EXCLUDE ItemID WHERE Items.PRICE > 3")

    for filter_arn in (foreign.arn, "arn:aws:personalize:local:000000000000:filter/none"):
        with pytest.raises(ResourceNotFound, match="filter_arn"):
            runtime.get_recommendations(arn, user_id="even-0", k=3, filter_arn=filter_arn)


NEW = [f"NEW-{number:02}" for number in range(20)]


@pytest.fixture
def stocked(group: Group, past: Path, tmp_path: Path) -> Group:
    """A trained group that knows its items, of which some were never touched and are a day old."""
    group.import_file(past)
    newest_s = max(int(line.split(",")[2]) for line in past.read_text().splitlines()[1:])
    rows = [
        f"{item},{newest_s - 86_400 * (1 if item in NEW else 300)},{item.partition('-')[0].title()},"
        f"{'Northwold' if number % 2 else 'Sudvale'},{10 + number}"
        for number, item in enumerate((*TASTES[0], *TASTES[1], *NEW))
    ]
    items = tmp_path / "items.csv"
    items.write_text("\n".join(["ITEM_ID,CREATION_TIMESTAMP,CATEGORY_L1,BRAND,PRICE", *rows]) + "\n")
    group.import_file(items, "items", DatasetType.ITEMS)
    users = tmp_path / "users.csv"
    users.write_text(
        "USER_ID,FIRST_SEEN_MONTH,FAVOURITE_CATEGORY\neven-0,2026-03,Even\nodd-1,2026-03,Odd\neven-2,2026-03,Odd\n"
    )
    group.import_file(users, "users", DatasetType.USERS)
    group.train()
    return group


def test_backend_filters_by_what_it_knows_of_items_and_of_the_user(stocked: Group) -> None:
    runtime, arn = stocked.backend.runtime, stocked.campaign().arn
    chosen = stocked.filter(
        "INCLUDE ItemID WHERE Items.BRAND IN ($BRAND) AND Items.PRICE < $LIMIT | "
        'EXCLUDE ItemID WHERE Items.CATEGORY_L1 NOT IN ("Even") IF CurrentUser.FAVOURITE_CATEGORY = "Even"'
    )

    even, odd = (
        runtime.get_recommendations(
            arn, user_id=user, k=25, filter_arn=chosen.arn, filter_values={"BRAND": '"Northwold"', "LIMIT": "30"}
        ).item_ids
        for user in ("even-0", "odd-1")
    )

    assert set(even) == {item for number, item in enumerate(TASTES[0]) if number % 2}
    assert set(odd) == {item for number, item in enumerate((*TASTES[0], *TASTES[1])) if number % 2 and number < 20}


def test_backend_explores_new_items_as_much_as_the_campaign_says(stocked: Group) -> None:
    runtime = stocked.backend.runtime
    never, always = (
        stocked.campaign(f"{stocked.name}-{weight:.0f}", exploration=ports.Exploration(weight)).arn
        for weight in (0.0, 1.0)
    )

    calm = {runtime.get_recommendations(never, user_id="even-0", k=12).item_ids for _ in range(5)}
    keen = {runtime.get_recommendations(always, user_id="even-0", k=12).item_ids for _ in range(5)}

    assert len(calm) == 1
    assert not set(NEW).intersection(*calm)
    assert len(keen) == 5
    assert all(len(set(items)) == 12 for items in keen)
    # Each of twenty has better than one chance in three: of some 37 in five lists, ten are always there.
    assert sum(item in NEW for items in keen for item in items) >= 10


@pytest.mark.parametrize("exploration", [ports.Exploration(-0.1), ports.Exploration(1.5), ports.Exploration(0.3, -1.0)])
def test_backend_refuses_an_exploration_out_of_range(serving: Group, exploration: ports.Exploration) -> None:
    ensure, version = serving.backend.control.ensure_campaign, serving.solution_version().arn

    with pytest.raises(InvalidInput, match="exploration_"):
        ensure(serving.name, solution_version_arn=version, exploration=exploration)
    ensure(serving.name, solution_version_arn=version)
    with pytest.raises(InvalidInput, match="explores otherwise"):
        ensure(serving.name, solution_version_arn=version, exploration=ports.Exploration(0.5))


def fresh(item_id: str, taste: str = "Even", price: float = 12.0) -> Item:
    created_s = int(conf.now().timestamp())
    return Item(item_id, {"CREATION_TIMESTAMP": created_s, "CATEGORY_L1": taste, "BRAND": "Northwold", "PRICE": price})


def soon(is_so: Callable[[], bool]) -> bool:
    """Whether it is so within a time in which nothing is trained."""
    deadline_s = time.monotonic() + 60
    while time.monotonic() < deadline_s:
        if is_so():
            return True
        time.sleep(0.1)
    return False


@pytest.mark.django_db(transaction=True)
def test_backend_recommends_and_ranks_an_item_that_is_put_by_what_it_is_like(stocked: Group) -> None:
    runtime, arn = stocked.backend.runtime, stocked.campaign().arn
    assert "FRESH" not in stocked.ask("even-0", 50)

    for _ in range(2):
        stocked.backend.events.put_items(stocked.arn, [fresh("FRESH", "Odd"), fresh("FRESH")])

    assert soon(lambda: "FRESH" in stocked.ask("even-0", 50))
    # A third of the lists of those who like such items, and one in seventeen of the others'.
    even, odd = (
        sum("FRESH" in runtime.get_recommendations(arn, user_id=user, k=12).item_ids for _ in range(150))
        for user in ("even-0", "odd-1")
    )
    assert even > odd
    given = [*TASTES[0][:4], "FRESH", "UNHEARD-OF", *TASTES[1][:4]]
    ranked = runtime.get_personalized_ranking(arn, user_id="even-0", item_ids=given).item_ids
    assert ranked.index("FRESH") < min(map(ranked.index, TASTES[1][:4]))
    assert ranked[-1] == "UNHEARD-OF"


@pytest.mark.django_db(transaction=True)
def test_backend_filters_by_what_an_item_was_put_with_last(stocked: Group) -> None:
    runtime, arn = stocked.backend.runtime, stocked.campaign().arn
    dear = stocked.filter("INCLUDE ItemID WHERE Items.PRICE > 100000")

    def ask() -> set[str]:
        return set(runtime.get_recommendations(arn, user_id="even-0", k=25, filter_arn=dear.arn).item_ids)

    assert ask() == set()

    stocked.backend.events.put_items(stocked.arn, [fresh(TASTES[0][3], price=100_001.0), fresh("FRESH", price=1e6)])

    assert soon(lambda: ask() == {TASTES[0][3], "FRESH"})


@pytest.mark.django_db(transaction=True)
def test_backend_trains_on_items_that_were_put_before_anything_was_imported(
    group: Group, past: Path, tmp_path: Path
) -> None:
    group.backend.events.put_items(group.arn, [fresh("EARLY")])
    group.import_file(past)
    items = tmp_path / "items.csv"
    items.write_text(METADATA[DatasetType.ITEMS])
    group.import_file(items, "items", DatasetType.ITEMS)

    group.train()

    assert "EARLY" in group.ask("even-0", 50)


@pytest.mark.django_db(transaction=True)
def test_backend_relates_an_item_that_is_put(stocked: Group) -> None:
    solution = Group(stocked.backend, f"{stocked.name}-similar", stocked.arn)
    arn = solution.campaign(version_arn=solution.train(recipe="aws-similar-items").arn).arn
    runtime = stocked.backend.runtime

    def beside(item_id: str, k: int = 12) -> tuple[str, ...]:
        return runtime.get_recommendations(arn, k=k, item_id=item_id).item_ids

    stocked.backend.events.put_items(stocked.arn, [fresh("FRESH")])

    assert soon(lambda: "FRESH" in beside(TASTES[0][3], 40))
    beside_fresh = beside("FRESH")
    assert "FRESH" not in beside_fresh
    assert sum(item.startswith("EVEN") for item in beside_fresh) >= 10
    assert "FRESH" not in beside(TASTES[1][3])


def test_backend_refuses_items_that_it_cannot_take(group: Group) -> None:
    put = group.backend.events.put_items

    with pytest.raises(InvalidInput, match="at most 10"):
        put(group.arn, [fresh(f"I-{number}") for number in range(11)])
    with pytest.raises(InvalidInput, match="PRICE"):
        put(group.arn, [fresh("GOOD"), Item("BAD", {**fresh("BAD").properties, "PRICE": "dear"})])
    with pytest.raises(ResourceNotFound):
        put(group.arn + "-none", [fresh("I-1")])


def test_backend_names_items_of_the_history_as_reasons_or_none(serving: Group) -> None:
    tracker = serving.tracker()
    views = [make_interaction("newcomer", item, days_ago=0) for item in TASTES[1][:3]]
    runtime, arn = serving.backend.runtime, serving.campaign().arn

    unknown = runtime.get_recommendations(arn, user_id="newcomer", k=12)
    serving.backend.events.put_events(tracker.tracking_id, views)
    known = runtime.get_recommendations(arn, user_id="newcomer", k=12)

    assert dict(unknown.because) == {}
    assert set(known.because) <= set(known.item_ids)
    assert set(known.because.values()) <= set(TASTES[1][:3])
    assert all(item != reason for item, reason in known.because.items())
    if serving.backend.name == "embedded":
        assert len(known.because) >= 6


def test_backend_damps_new_items_that_are_seen_and_passed_over(stocked: Group) -> None:
    runtime, sink = stocked.backend.runtime, stocked.backend.events
    if stocked.backend.name in SERVICES:
        pytest.skip("It learns what was seen from its own lists alone.")
    tracker = stocked.tracker()
    arn = stocked.campaign(exploration=ports.Exploration(0.6)).arn

    def new_items(n: int) -> list[str]:
        lists = [runtime.get_recommendations(arn, user_id="even-0", k=12).item_ids for _ in range(n)]
        return [item for items in lists for item in items if item in NEW]

    seen = [ports.ItemSeen(uuid4(), item) for item in NEW for _ in range(80)]
    clicks = [make_interaction(f"visitor-{number}", NEW[0], days_ago=0, event_type="row_click") for number in range(40)]
    clicks = [replace(click, recommendation_id=uuid4()) for click in clicks]
    before = new_items(20)
    _learn(runtime)
    for _ in range(2):
        sink.put_impressions(tracker.tracking_id, seen)
        sink.put_events(tracker.tracking_id, clicks)
    _learn(runtime)
    after = new_items(20)

    assert len(set(before)) > 5
    assert set(after) == {NEW[0]}
    assert after.count(NEW[0]) >= before.count(NEW[0])
    with pytest.raises(ResourceNotFound):
        sink.put_impressions("no-such-tracker", seen)


def _learn(runtime: ports.Runtime) -> None:
    """Let a backend that learns in its own time do so now."""
    if isinstance(runtime, EmbeddedRuntime):
        for arn in runtime._campaigns.arns():
            explorer = runtime._campaigns.find(arn).explorer
            if explorer is not None:
                explorer.refresh()
