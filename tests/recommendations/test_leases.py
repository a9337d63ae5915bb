"""Leases: one holder at a time, the dead and the late replaced, older tokens powerless."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from recommendations import conf
from recommendations.exceptions import LeaseHeld
from recommendations.leases import claim, current_holder, held, hold, is_gone
from recommendations.models import RetrainRun
from recommendations.pipeline.runs import ensure_default_rotation, start_run

pytestmark = pytest.mark.django_db


def wait_until(is_so: Callable[[], bool]) -> None:
    give_up_s = time.monotonic() + 60
    while not is_so():
        assert time.monotonic() < give_up_s, "waited in vain"
        time.sleep(0.02)


@pytest.fixture
def run() -> RetrainRun:
    return start_run(ensure_default_rotation())


def holder_of_a_dead_process() -> str:
    place, _, _, thread = current_holder().split("|")
    done = subprocess.Popen([sys.executable, "-c", ""])
    began = Path(f"/proc/{done.pid}/stat").read_text().rpartition(")")[2].split()[19]
    done.wait()
    return "|".join((place, str(done.pid), began, thread))


def test_lease_goes_to_one_holder(run: RetrainRun) -> None:
    claimed = claim(run, holder="elsewhere|1|1|1")

    with pytest.raises(LeaseHeld, match=r"held by elsewhere"):
        claim(run, holder=current_holder())

    assert claimed.fencing_token == run.fencing_token + 1


def test_lease_that_ran_out_goes_to_the_next(run: RetrainRun) -> None:
    first = claim(run, holder="elsewhere|1|1|1")
    RetrainRun.objects.update(lease_expires_at=conf.now() - timedelta(seconds=1))

    second = claim(run, holder=current_holder())

    assert second.fencing_token > first.fencing_token
    assert not held(RetrainRun, run.pk, first.fencing_token).update(n_retries=7)
    assert held(RetrainRun, run.pk, second.fencing_token).update(n_retries=1)


def test_lease_of_a_dead_process_is_free_at_once(run: RetrainRun) -> None:
    claim(run, holder=holder_of_a_dead_process())

    claimed = claim(run, holder=current_holder())

    assert claimed.holder == current_holder()


def test_holder_is_gone_only_when_it_certainly_is() -> None:
    place, _, began, thread = current_holder().split("|")

    assert not is_gone(current_holder())
    assert not is_gone("another-machine|1|1|1")
    assert is_gone(holder_of_a_dead_process())
    # A process number that was given away again belongs to somebody else.
    assert is_gone(f"{place}|{os.getpid()}|{int(began) - 1}|{thread}")


def test_lease_from_before_the_clock_was_set_back_is_void(run: RetrainRun) -> None:
    claim(run, holder="elsewhere|1|1|1")
    RetrainRun.objects.update(lease_expires_at=conf.now() + timedelta(days=300))

    claimed = claim(run, holder=current_holder())

    assert claimed.holder == current_holder()


def test_claim_counts_the_holders_that_never_let_go(run: RetrainRun) -> None:
    claim(run, holder=holder_of_a_dead_process())
    taken_over = claim(run, holder=current_holder())
    claimed_again = claim(run, holder=current_holder())

    assert (taken_over.n_deaths, claimed_again.n_deaths) == (1, 1)


def test_hold_lets_go_at_the_end(run: RetrainRun) -> None:
    with hold(run, holder=current_holder()) as (claimed, keeper):
        during = RetrainRun.objects.get()
        assert not keeper.is_lost

    after = RetrainRun.objects.get()
    assert during.holder == claimed.holder
    assert (after.holder, after.lease_expires_at) == ("", None)
    assert after.fencing_token == claimed.fencing_token


def test_hold_lets_go_of_nothing_that_another_took(run: RetrainRun) -> None:
    with hold(run, holder="elsewhere|1|1|1"):
        RetrainRun.objects.update(lease_expires_at=conf.now() - timedelta(seconds=1))
        taken = claim(run, holder=current_holder())

    assert RetrainRun.objects.get().holder == taken.holder


@pytest.mark.django_db(transaction=True)
def test_keeper_renews_for_as_long_as_it_takes(run: RetrainRun, settings: Settings) -> None:
    settings.LEASE_S = 0.9

    with hold(run, holder=current_holder()) as (claimed, keeper):
        # Renewed again and again, until the lease that was given first is over.
        assert claimed.lease_expires_at is not None
        beyond = claimed.lease_expires_at + timedelta(seconds=0.89)
        wait_until(RetrainRun.objects.filter(lease_expires_at__gt=beyond).exists)

        assert not keeper.is_lost


@pytest.mark.django_db(transaction=True)
def test_keeper_learns_that_another_took_over(run: RetrainRun, settings: Settings) -> None:
    settings.LEASE_S = 0.3

    with hold(run, holder="elsewhere|1|1|1") as (_, keeper):
        RetrainRun.objects.update(lease_expires_at=conf.now() - timedelta(seconds=1))
        claim(run, holder=current_holder())

        wait_until(lambda: keeper.is_lost)
