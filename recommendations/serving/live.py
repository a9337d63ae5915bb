"""Which campaign a rotation serves: a pointer read once in two seconds, moved by compare and set alone."""

import logging
import threading
import time
from dataclasses import dataclass
from datetime import datetime

from django.db import DatabaseError, transaction
from django.db.models import Max

from recommendations import conf
from recommendations.exceptions import LeaseLost, SwapRefused
from recommendations.models import Colour, Deployment, LiveCampaign, RetrainRun, Swap

logger = logging.getLogger(__name__)

# How long a process may go on serving a campaign after the pointer has moved.
POINTER_TTL_S = 2.0


@dataclass(frozen=True, slots=True)
class LiveView:
    """What a request needs to know of the live campaign; read once a request, so that one page sees one campaign."""

    rotation: str
    slot: str
    backend: str
    colour: str
    campaign_arn: str
    filter_arn: str
    version: int
    swapped_at: datetime
    trained_at: datetime | None
    watermark_at: datetime | None


@dataclass(frozen=True, slots=True)
class _Known:
    view: LiveView | None
    read_at_s: float


_known: dict[str, _Known] = {}
_refreshing = threading.Lock()


def live_campaign(rotation_key: str) -> LiveView | None:
    """Return the live campaign of a rotation, at most `POINTER_TTL_S` seconds old.

    While the database is down the last known one is returned, however old.

    Args:
        rotation_key: the key of the rotation.

    Returns:
        The view, or None where nothing was ever swapped in, or is known.
    """
    known = _known.get(rotation_key)
    if known is not None and time.monotonic() - known.read_at_s < POINTER_TTL_S:
        return known.view
    # One thread reads; the others go on with what they have, and wait only where there is nothing.
    if not _refreshing.acquire(blocking=known is None):
        return known.view if known is not None else None
    try:
        return _refresh(rotation_key)
    finally:
        _refreshing.release()


def forget_live_campaigns() -> None:
    """Make this process read every pointer again when next asked."""
    _known.clear()


def swap(*, run: RetrainRun, deployment: Deployment, expected_version: int) -> Swap:
    """Make the run's deployment the live one; repeating it for the same run changes nothing.

    Args:
        run: the run, as its holder knows it: its fencing token must still be the row's.
        deployment: the side that the run built; its campaign must be there.
        expected_version: the pointer's version when the run chose to swap; 0 where there was none.

    Returns:
        The audit row of the move.

    Raises:
        LeaseLost: another process has taken over the run.
        SwapRefused: the side is live already or has no campaign, or the pointer moved meanwhile.
    """
    with transaction.atomic():
        if not RetrainRun.objects.select_for_update().filter(pk=run.pk, fencing_token=run.fencing_token).exists():
            raise LeaseLost(f"{run} is in other hands; its swap was not made.")
        done = Swap.objects.filter(run=run).first()
        if done is not None:
            return done
        live = _lock_pointer(run.rotation_id)
        version = live.version if live is not None else 0
        if version != expected_version:
            raise SwapRefused(f"The live pointer moved from version {expected_version} to {version} during {run}.")
        made = _move(live, deployment, run=run)
    forget_live_campaigns()
    logger.info(
        "live campaign swapped",
        extra={"rotation": run.rotation_id, "campaign": made.to_campaign_arn, "retrain_run": run.pk},
    )
    return made


def roll_back(rotation_key: str, *, actor: str, reason: str, expected_version: int | None = None) -> Swap:
    """Make the other side live again, as long as it is kept.

    Args:
        rotation_key: the key of the rotation.
        actor: who asks.
        reason: why, for the audit row.
        expected_version: the pointer's version that the actor had seen; None to move whatever is live. A second click
            would otherwise undo the first.

    Returns:
        The audit row of the move.

    Raises:
        SwapRefused: nothing is live, the other side was torn down already, or the pointer moved since it was seen.
    """
    with transaction.atomic():
        live = _lock_pointer(rotation_key)
        if live is None:
            raise SwapRefused(f"Nothing is live for {rotation_key}; run `manage.py retrain {rotation_key}` first.")
        if expected_version is not None and live.version != expected_version:
            raise SwapRefused(f"The live pointer of {rotation_key} moved since you looked; look again.")
        deployment = _kept_side(live)
        if deployment is None:
            other = Colour(live.deployment.colour).other
            raise SwapRefused(f"The {other} side of {rotation_key} is torn down; the live one is all there is.")
        made = _move(live, deployment, run=None, actor=actor, reason=reason)
    forget_live_campaigns()
    logger.warning(
        "live campaign rolled back",
        extra={"rotation": rotation_key, "campaign": made.to_campaign_arn, "actor": actor},
    )
    return made


def retire(rotation_key: str, *, campaign_arn: str) -> bool:
    """Let nothing be live for a rotation any more; its rows fall back to lower rungs until its next swap.

    Args:
        rotation_key: the key of the rotation.
        campaign_arn: what must be live for it; where something else is, that stays.

    Returns:
        Whether it was live until now.
    """
    n_deleted, _ = LiveCampaign.objects.filter(rotation_id=rotation_key, campaign_arn=campaign_arn).delete()
    if n_deleted:
        forget_live_campaigns()
        logger.warning("live campaign retired", extra={"rotation": rotation_key, "campaign": campaign_arn})
    return bool(n_deleted)


def side_to_roll_back_to(rotation_key: str) -> Deployment | None:
    """Return the side that a roll back would make live, or None where there is none."""
    live = LiveCampaign.objects.select_related("deployment").filter(rotation_id=rotation_key).first()
    return _kept_side(live) if live is not None else None


def pointer_version(rotation_key: str) -> int:
    """Return the version of a rotation's live pointer; 0 where there is none."""
    version = LiveCampaign.objects.filter(rotation_id=rotation_key).values_list("version", flat=True).first()
    return version or 0


def _refresh(rotation_key: str) -> LiveView | None:
    known = _known.get(rotation_key)
    if known is not None and time.monotonic() - known.read_at_s < POINTER_TTL_S:
        return known.view
    try:
        live = LiveCampaign.objects.select_related("rotation", "deployment").filter(rotation_id=rotation_key).first()
    except DatabaseError:
        logger.warning("live pointer not readable, the last known one stays", extra={"rotation": rotation_key})
        view = known.view if known is not None else None
    else:
        view = _view(live) if live is not None else None
    _known[rotation_key] = _Known(view, time.monotonic())
    return view


def _view(live: LiveCampaign) -> LiveView:
    return LiveView(
        rotation=live.rotation_id,
        slot=live.rotation.slot,
        backend=live.rotation.backend,
        colour=live.deployment.colour,
        campaign_arn=live.campaign_arn,
        filter_arn=live.deployment.filter_arn,
        version=live.version,
        swapped_at=live.swapped_at,
        trained_at=live.deployment.trained_at,
        watermark_at=live.deployment.watermark_at,
    )


def _lock_pointer(rotation_key: str) -> LiveCampaign | None:
    return (
        LiveCampaign.objects.select_for_update(of=("self",))
        .select_related("deployment")
        .filter(rotation_id=rotation_key)
        .first()
    )


def _kept_side(live: LiveCampaign) -> Deployment | None:
    """Return the side that is not live, if what it holds has been live before; a half built one never counts."""
    other = Colour(live.deployment.colour).other
    deployment = Deployment.objects.filter(rotation_id=live.rotation_id, colour=other).exclude(campaign_arn="").first()
    swapped = Swap.objects.filter(rotation_id=live.rotation_id, run__colour=other, run__torn_down_at__isnull=True)
    if deployment is None or not swapped.filter(to_campaign_arn=deployment.campaign_arn).exists():
        return None
    return deployment


def _move(
    live: LiveCampaign | None, deployment: Deployment, *, run: RetrainRun | None, actor: str = "", reason: str = ""
) -> Swap:
    if not deployment.campaign_arn:
        raise SwapRefused(f"The {deployment.colour} side of {deployment.rotation_id} has no campaign.")
    if live is not None and live.deployment_id == deployment.pk:
        raise SwapRefused(f"The {deployment.colour} side of {deployment.rotation_id} is live already.")
    now = conf.now()
    version = live.version + 1 if live is not None else _last_version(deployment.rotation_id) + 1
    values = {"deployment": deployment, "campaign_arn": deployment.campaign_arn, "version": version, "swapped_at": now}
    if live is None:
        # Two first swaps at once meet at the primary key, and one of them fails.
        LiveCampaign.objects.create(rotation_id=deployment.rotation_id, **values)
    elif not LiveCampaign.objects.filter(pk=live.pk, version=live.version).update(**values):
        raise SwapRefused(f"The live pointer of {deployment.rotation_id} moved meanwhile.")
    return Swap.objects.create(
        rotation_id=deployment.rotation_id,
        run=run,
        from_colour=live.deployment.colour if live is not None else "",
        from_campaign_arn=live.campaign_arn if live is not None else "",
        to_colour=deployment.colour,
        to_campaign_arn=deployment.campaign_arn,
        version=version,
        actor=actor,
        reason=reason,
        at=now,
    )


def _last_version(rotation_key: str) -> int:
    """The version of a rotation's last move: a pointer that was retired begins after it."""
    return Swap.objects.filter(rotation_id=rotation_key).aggregate(last=Max("version"))["last"] or 0
