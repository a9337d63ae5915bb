from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from experiments import exposures
from experiments.models import Exposure
from recommendations.events import buffer
from recommendations.events.schema import Exposed, Record
from recommendations.events.wire import decode_entry, encode_entries
from storefront.forgetting import forget
from storefront.measuring import sink
from tests.factories.histories import START, make_phase

pytestmark = pytest.mark.django_db


def make_exposed(phase_id: int) -> exposures.Exposed:
    return exposures.Exposed("u1", phase_id, "treatment", START, attributes={"device": "phone"})


def test_sent_exposure_arrives_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    phase, sent = make_phase(), list[Exposed]()

    def take(one: Exposed) -> bool:
        sent.append(one)
        return True

    monkeypatch.setattr(buffer, "record_exposed", take)
    exposed = replace(make_exposed(phase.pk), is_triggered=False)

    has_gone = sink.send(exposed)

    (entry,) = encode_entries(sent)
    sink.handle(decode_entry(entry).records)
    stored = Exposure.objects.get()
    assert has_gone
    assert (stored.unit, stored.variation.key, stored.first_at) == ("u1", "treatment", START)
    assert (stored.is_triggered, stored.attributes) == (False, {"device": "phone"})


def test_full_buffer_drops_an_exposure_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(buffer, "record_exposed", lambda _one: False)

    has_gone = sink.send(make_exposed(1))

    assert not has_gone


def test_repeated_batch_writes_nothing_twice() -> None:
    phase = make_phase()
    batch: list[Record] = [Exposed(f"u{n}", phase.pk, "control", START) for n in range(5)]
    sink.handle(batch)

    sink.handle([*batch, *batch])

    assert Exposure.objects.filter(is_crossover=False).count() == 5


def test_exposure_on_its_way_does_not_bring_a_forgotten_shopper_back() -> None:
    phase = make_phase()
    sink.handle([Exposed("u1", phase.pk, "control", START)])

    forget(["u1"])

    sink.handle([Exposed("u1", phase.pk, "control", START)])
    assert not Exposure.objects.exists()
    later = datetime.now(UTC) + timedelta(days=1)
    sink.handle([Exposed("u1", phase.pk, "control", later)])
    assert Exposure.objects.get().first_at == later


def test_no_on_the_privacy_page_erases_exposures(client: Client) -> None:
    phase = make_phase()
    client.get("/privacy/")
    key = client.get("/privacy/").wsgi_request.shopper.shopper_key  # type: ignore[attr-defined]
    sink.handle([Exposed(key, phase.pk, "control", START)])

    response = client.post("/privacy/choice/", {"choice": "no"})

    assert response.status_code == 302
    assert not Exposure.objects.exists()
