"""A Valkey without a past, a shop that watches it, and a clock that tests move."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from pytest_django import Settings
from redis import Redis

from recommendations import conf, monitoring
from recommendations.alarms import watch
from recommendations.alarms.gathering import BEAT
from recommendations.events import pulse
from recommendations.events.connections import worker_client
from recommendations.events.stream import NAME, all_groups
from recommendations.events.valkey_stream import ValkeyStream
from recommendations.models import Alarm, Deployment, LiveCampaign, Rotation
from recommendations.serving import breaker
from storefront.clock import Clock

Pass = Callable[[float], None]


@pytest.fixture
def valkey() -> Iterator[Redis]:
    client = worker_client()
    _empty(client)
    monitoring.tally.take()
    yield client
    breaker.reset()
    monitoring.tally.take()
    _empty(client)


def _empty(client: Redis) -> None:
    for key in [*client.scan_iter("pulse:*"), *client.scan_iter(f"{NAME}*")]:
        client.delete(key)


@pytest.fixture
def clock(settings: Settings, tmp_path: Path) -> Clock:
    """The world's clock, which a test may set."""
    made = settings.CLOCK = Clock(tmp_path / "clock.json")
    return made


@pytest.fixture
def let_pass(monkeypatch: pytest.MonkeyPatch) -> Pass:
    """Let seconds pass at Valkey, as whoever asks it for the time sees them."""
    real, passed = pulse.time_s, [0.0]
    monkeypatch.setattr(pulse, "time_s", lambda client: real(client) + passed[0])

    def let_pass(seconds: float) -> None:
        passed[0] += seconds

    return let_pass


@pytest.fixture
def shop_runs(valkey: Redis) -> ValkeyStream:
    """Beat beats, and each group has a consumer that has read everything."""
    stream = ValkeyStream.of_settings()
    stream.ensure_groups()
    for group in all_groups():
        stream.read(group, "elsewhere-1", count=1, wait_ms=1)
    pulse.beat(BEAT)
    return stream


def look_twice(let_pass: Pass) -> None:
    """Two looks a minute apart, as beat has them; consumers and beat go on or not, as the test left them."""
    watch.look(patience_s=0)
    let_pass(60)
    watch.look(patience_s=0)


def raised(code: str) -> list[str]:
    """The subjects of the open alarms of a code."""
    return sorted(Alarm.objects.still_open().filter(code=code).values_list("subject", flat=True))


def move(clock: Clock, span: timedelta) -> None:
    clock.set(clock.now() + span)


def make_live_campaign(backend: str = "embedded") -> Rotation:
    rotation = Rotation.objects.create(key="home", slot="home-recommended", backend=backend)
    side = Deployment.objects.create(
        rotation=rotation, colour="maize", campaign_arn="arn:campaign", trained_at=conf.now()
    )
    LiveCampaign.objects.create(rotation=rotation, deployment=side, campaign_arn="arn:campaign", swapped_at=conf.now())
    return rotation
