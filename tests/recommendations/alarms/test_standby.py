"""Where the periodic look does not come, the event consumers' process looks."""

import threading
import time

import pytest
from redis import Redis

from recommendations.alarms import standby, watch
from recommendations.alarms.gathering import BEAT
from recommendations.events import pulse
from recommendations.models import Alarm
from tests.recommendations.alarms.conftest import Pass

pytestmark = pytest.mark.django_db


@pytest.mark.usefixtures("shop_runs")
def test_standby_leaves_the_look_to_the_tick_while_it_comes(let_pass: Pass) -> None:
    watch.look(patience_s=0)
    let_pass(60)

    assert standby.look_if_nobody_did() is False


@pytest.mark.usefixtures("shop_runs")
def test_standby_raises_the_silence_of_beat_itself(let_pass: Pass) -> None:
    watch.look(patience_s=0)
    looked = []
    for _ in range(4):
        let_pass(standby.LOOK_AFTER_S + 1)
        looked.append(standby.look_if_nobody_did())

    assert looked == [True] * 4
    assert Alarm.objects.still_open().filter(code="beat_silent").count() == 1


def test_beat_that_never_beat_is_silent_since_the_standby_began(valkey: Redis, let_pass: Pass) -> None:
    stop = threading.Event()
    thread = standby.start(stop)
    while pulse.silent_s(BEAT, valkey) is None:
        time.sleep(0.01)
    stop.set()
    thread.join()

    let_pass(200)

    # Epoch seconds as floats are not exact to the microsecond.
    assert round(pulse.silent_s(BEAT, valkey) or 0.0, 3) >= 200
