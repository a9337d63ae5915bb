"""Every tracker gets what was received after its watermark, once, whatever another tracker does."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import uuid4

import pytest

from recommendations import conf
from recommendations.adapters.embedded.backend import EMBEDDED
from recommendations.adapters.embedded.rings import read_events
from recommendations.events.refusals import refusals
from recommendations.events.schema import ItemChanged, Joined, Record
from recommendations.events.trackers import Tracker, TrackerForwarder, TrackersBehind, of_settings, read_trackers
from recommendations.exceptions import BackendUnavailable, RecommendationsError, ResourceNotFound
from recommendations.models import Deployment, Rotation
from recommendations.models.resources import StreamedRecord
from recommendations.pipeline.rotations import ensure_rotation
from recommendations.ports import Interaction, Item, ItemSeen
from tests.factories.catalog import make_product
from tests.factories.events import make_impression, make_interaction, make_served_list


class RecordingSink:
    """An event sink that keeps what it took, and fails the trackers it is told to."""

    def __init__(self) -> None:
        self.taken: dict[str, list[str]] = {}
        self.joined: list[tuple[str, str, str, int]] = []
        self.failing: dict[str, RecommendationsError] = {}
        self.put: dict[str, list[str]] = {}
        self.seen: list[tuple[str, str]] = []
        self.n_calls = 0

    def put_items(self, dataset_group_arn: str, items: Sequence[Item]) -> None:
        self.n_calls += 1
        if dataset_group_arn in self.failing:
            raise self.failing[dataset_group_arn]
        self.put.setdefault(dataset_group_arn, []).extend(item.item_id for item in items)

    def put_impressions(self, tracking_id: str, seen: Sequence[ItemSeen]) -> None:
        if tracking_id in self.failing:
            raise self.failing[tracking_id]
        self.seen.extend((tracking_id, one.item_id) for one in seen)

    def put_events(self, tracking_id: str, interactions: Sequence[Interaction]) -> None:
        self.n_calls += 1
        if tracking_id in self.failing:
            raise self.failing[tracking_id]
        self.taken.setdefault(tracking_id, []).extend(one.item_id for one in interactions)

    def join_users(self, tracking_id: str, *, user_id: str, heir_id: str) -> None:
        self.n_calls += 1
        if tracking_id in self.failing:
            raise self.failing[tracking_id]
        self.joined.append((tracking_id, user_id, heir_id, len(self.taken.get(tracking_id, ()))))

    def forget_user(self, tracking_id: str, *, user_id: str) -> None:
        raise NotImplementedError


def forwarder(sink: RecordingSink, *trackers: Tracker) -> TrackerForwarder:
    return TrackerForwarder(
        sink_of=lambda _: sink,
        trackers=lambda: list(trackers),
        read_lists=lambda _: {},
        read_items=lambda ids: [Item(id_, {}) for id_ in ids],
        pause_s=0.001,
    )


def tracker(name: str, minutes_ago: float = 5) -> Tracker:
    return Tracker("embedded", name, conf.now() - timedelta(minutes=minutes_ago), f"group-of-{name}")


def test_trackers_get_what_came_after_their_watermark() -> None:
    sink, now = RecordingSink(), conf.now()
    old = make_interaction(item_id="OLD", received_at=now - timedelta(minutes=3))
    new = make_interaction(item_id="NEW", received_at=now)

    forwarder(sink, tracker("live", 5), tracker("dormant", 1)).handle([old, make_impression(), new])

    assert sink.taken == {"live": ["OLD", "NEW"], "dormant": ["NEW"]}


def test_failing_tracker_keeps_its_events_and_spares_the_others() -> None:
    sink = RecordingSink()
    sink.failing["dead"] = BackendUnavailable("planted")
    forward = forwarder(sink, tracker("dead"), tracker("live"))
    batch = [make_interaction(item_id="A")]

    with pytest.raises(TrackersBehind, match="dead"):
        forward.handle(batch)
    n_calls = sink.n_calls
    del sink.failing["dead"]
    forward.handle(batch)

    assert n_calls == 4
    assert sink.taken == {"live": ["A"], "dead": ["A"]}


def test_tracker_that_is_gone_holds_up_nothing() -> None:
    sink = RecordingSink()
    sink.failing["gone"] = ResourceNotFound("planted")
    before = refusals.counts().get("trackers.resource_not_found", 0)

    forwarder(sink, tracker("gone"), tracker("live")).handle([make_interaction(item_id="A")])

    assert sink.taken == {"live": ["A"]}
    assert refusals.counts()["trackers.resource_not_found"] == before + 1


def test_nothing_is_sent_where_there_is_nothing() -> None:
    sink = RecordingSink()

    forwarder(sink, tracker("live")).handle([make_impression()])

    assert sink.n_calls == 0


@pytest.mark.django_db
def test_trackers_are_those_of_deployments_that_take_events() -> None:
    rotation = Rotation.objects.create(key="spare", slot="home", backend="embedded")
    taking = Deployment.objects.create(
        rotation=rotation, colour="maize", tracking_id="t-1", watermark_at=conf.now().replace(microsecond=0)
    )
    Deployment.objects.create(rotation=rotation, colour="blue", tracking_id="t-2")

    assert taking.watermark_at is not None
    assert [one for one in read_trackers() if one.tracking_id in {"t-1", "t-2"}] == [
        Tracker("embedded", "t-1", taking.watermark_at)
    ]


@pytest.mark.django_db
def test_every_interaction_reaches_the_campaigns_of_all_rotations() -> None:
    now, shopper_key = conf.now(), uuid4().hex
    rings: dict[str, str] = {}
    for key in ("home", "home-popular"):
        rotation = ensure_rotation(key, "home-recommended", "aws-popularity-count")
        for colour in ("maize", "blue"):
            group = EMBEDDED.control.ensure_dataset_group(f"{key}-{colour}", tags={})
            tracker = EMBEDDED.control.ensure_event_tracker(f"{key}-{colour}", dataset_group_arn=group.arn)
            rings[f"{key}-{colour}"] = tracker.tracking_id
            Deployment.objects.create(
                rotation=rotation,
                colour=colour,
                tracking_id=tracker.tracking_id,
                watermark_at=now - timedelta(minutes=5),
            )
    looks = [make_interaction(shopper_key=shopper_key, item_id=item_id, received_at=now) for item_id in ("A", "B")]

    of_settings().handle(looks)

    told = {name: {one.item_id for one in read_events(tracking_id, shopper_key)} for name, tracking_id in rings.items()}
    assert told == {
        "home-maize": {"A", "B"},
        "home-blue": {"A", "B"},
        "home-popular-maize": {"A", "B"},
        "home-popular-blue": {"A", "B"},
    }


def test_trackers_join_keys_once_they_have_what_came_before() -> None:
    sink = RecordingSink()
    join, view = Joined("device", "account", conf.now()), make_interaction(item_id="A")

    forwarder(sink, tracker("live"), tracker("dormant")).handle([join, view])

    assert sink.joined == [("live", "device", "account", 1), ("dormant", "device", "account", 1)]


def test_tracker_that_joins_no_keys_now_is_asked_again() -> None:
    sink = RecordingSink()
    sink.failing["dead"] = BackendUnavailable("planted")
    forward = forwarder(sink, tracker("dead"))

    with pytest.raises(TrackersBehind, match="dead"):
        forward.handle([Joined("device", "account", conf.now())])
    del sink.failing["dead"]
    forward.handle([Joined("device", "account", conf.now())])

    assert sink.joined == [("dead", "device", "account", 0)]


def test_trackers_are_told_which_items_were_seen_and_hold_nothing_up() -> None:
    sink = RecordingSink()
    sink.failing["gone"] = ResourceNotFound("no such tracker")
    listed = make_served_list(item_ids=("A", "B"))
    seen = [make_impression(recommendation_id=listed.recommendation_id, rank=rank) for rank in (1, 2, 3)]

    forwarder(sink, tracker("gone"), tracker("live")).handle([listed, *seen, make_impression()])

    assert sink.seen == [("live", "A"), ("live", "B")]


def test_groups_get_items_that_changed_after_their_watermark() -> None:
    sink, now = RecordingSink(), conf.now()
    old = ItemChanged(1, "OLD", now - timedelta(minutes=3))
    new = ItemChanged(2, "NEW", now)

    forwarder(sink, tracker("live", 5), tracker("dormant", 1)).handle([old, new])

    assert sink.put == {"group-of-live": ["OLD", "NEW"], "group-of-dormant": ["NEW"]}


def test_group_that_takes_no_items_now_is_asked_again_and_spares_the_others() -> None:
    sink = RecordingSink()
    sink.failing["group-of-dead"] = BackendUnavailable("planted")
    forward = forwarder(sink, tracker("dead"), tracker("live"))
    batch: list[Record] = [ItemChanged(1, "A", conf.now()), make_interaction(item_id="A")]

    with pytest.raises(TrackersBehind, match="dead"):
        forward.handle(batch)
    del sink.failing["group-of-dead"]
    forward.handle(batch)

    assert sink.put == {"group-of-live": ["A"], "group-of-dead": ["A"]}
    assert sink.taken == {"dead": ["A"], "live": ["A"]}


@pytest.mark.django_db
def test_changed_item_reaches_the_groups_of_all_rotations() -> None:
    product, arns = make_product(sku="CHANGED"), []
    for key in ("home", "home-popular"):
        rotation = ensure_rotation(key, "home-recommended", "aws-popularity-count")
        for colour in ("maize", "blue"):
            group = EMBEDDED.control.ensure_dataset_group(f"{key}-{colour}", tags={})
            tracker = EMBEDDED.control.ensure_event_tracker(f"{key}-{colour}", dataset_group_arn=group.arn)
            arns.append(group.arn)
            Deployment.objects.create(
                rotation=rotation,
                colour=colour,
                dataset_group_arn=group.arn,
                tracking_id=tracker.tracking_id,
                watermark_at=conf.now() - timedelta(minutes=5),
            )

    of_settings().handle([ItemChanged(1, product.sku, conf.now())])

    put = StreamedRecord.objects.filter(record_id="CHANGED").values_list("dataset__dataset_group__arn", flat=True)
    assert sorted(put) == sorted(arns)
