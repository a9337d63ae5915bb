"""The settings this app reads, lazily, so that a test may override them."""

from collections.abc import Callable, Sequence
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import cast

from django.conf import settings


def now() -> datetime:
    """The world's time, aware, in UTC."""
    moment: datetime = settings.CLOCK.now()
    return moment


def state_url() -> str:
    """The Valkey that holds the stream and the shoppers' live state, as redis-py spells it."""
    return str(settings.STATE_URL)


def artifacts_dir() -> Path:
    """Where trained models and exports of this world lie."""
    return Path(settings.WORLD_DIR) / "artifacts"


def world() -> str:
    """The name of this shop's world, which tells its resources at AWS from another shop's."""
    return Path(settings.WORLD_DIR).name


def exports_dir() -> Path:
    """Where the ETL writes its CSV files."""
    return Path(settings.WORLD_DIR) / "exports"


def event_stream_url() -> str:
    """The event stream where it is not Valkey's: `kinesis://NAME`; empty for Valkey's."""
    return str(settings.EVENT_STREAM_URL)


def archive_url() -> str:
    """Where interactions are archived: `file:///folder` or `s3://bucket/folder`; empty for nowhere."""
    return str(settings.ARCHIVE_URL)


def retrains_from_archive() -> bool:
    """Whether retrains read interactions out of the archive, as far as it goes."""
    return str(settings.RETRAIN_FROM) == "archive"


def stream_max_length() -> int:
    """How many entries the event stream holds before new ones are refused."""
    return int(settings.STREAM_MAX_LENGTH)


def retention_months() -> int:
    """For how many full months interactions, served lists and impressions are kept."""
    return int(settings.RETENTION_MONTHS)


def recommendation_deadline_s() -> float:
    """How long a page waits for the recommender, in seconds."""
    return float(settings.RECOMMENDATION_DEADLINE_S)


def retrain_window_days() -> int:
    """How many days of interactions a retrain exports."""
    return int(settings.RETRAIN_WINDOW_DAYS)


def training_budget_s() -> float | None:
    """How many CPU-seconds a training may use where its rotation says nothing else; None for no limit."""
    return float(settings.TRAINING_BUDGET_S) or None


def data_locations() -> tuple[str, ...]:
    """Below which locations the wire server may read data."""
    return tuple(settings.PERSONALIZE_DATA_LOCATIONS)


def access_keys() -> dict[str, str]:
    """Access key -> secret of those who may ask the wire server; empty for anybody."""
    return dict(settings.PERSONALIZE_ACCESS_KEYS)


def server_fault() -> tuple[str, float]:
    """What is wrong on purpose with the wire server's answers, and with which share of them; empty for nothing."""
    return str(settings.PERSONALIZE_FAULT), float(settings.PERSONALIZE_FAULT_SHARE)


def monthly_budget_usd() -> float:
    """What a backend that bills may cost in a calendar month, in US dollars, as estimated; 0 for any amount."""
    return float(settings.PERSONALIZE_MONTHLY_BUDGET_USD)


def prices() -> dict[str, float]:
    """US dollars by the name of a price, where they are not those of the table in `adapters/personalize/costs.py`."""
    return dict(settings.PERSONALIZE_PRICES)


def recommender_backend() -> str:
    """The backend of rotations that name none."""
    return str(settings.RECOMMENDER_BACKEND)


def personalize_role_arn() -> str:
    """The IAM role as which Amazon Personalize reads the uploaded files."""
    return str(settings.PERSONALIZE_ROLE_ARN)


def personalize_bucket() -> str:
    """Where files for Amazon Personalize are uploaded to, `s3://bucket/folder`."""
    return str(settings.PERSONALIZE_BUCKET)


def personalize_recipe() -> str:
    """The recipe of a rotation at Amazon Personalize that names none."""
    return str(settings.PERSONALIZE_RECIPE)


def personalize_min_tps() -> int:
    """Requests a second that a campaign at Amazon Personalize is always ready for, and billed for."""
    return int(settings.PERSONALIZE_MIN_TPS)


def untrained_prefixes() -> list[str]:
    """How the keys of shoppers begin from whom nothing is to be learned; empty for learning from everybody."""
    return list(settings.UNTRAINED_PREFIXES)


def event_groups() -> tuple[str, ...]:
    """Consumer groups of the event stream that the project adds to this package's own."""
    return tuple(getattr(settings, "EVENT_GROUPS", ()))


def rotation_uses() -> Callable[[str], Sequence[str]]:
    """Whatever tells what shows a rotation's campaign: `ROTATION_USES`; nothing, where the project does not say."""
    return cast("Callable[[str], Sequence[str]]", getattr(settings, "ROTATION_USES", lambda _key: ()))


def watermark_slack_s() -> float:
    """How long after a new event tracker turns active the watermark is set, in seconds."""
    return float(settings.WATERMARK_SLACK_S)


def retrain_at() -> time:
    """The time of day, in UTC by the world's clock, at which nights begin."""
    at: time = settings.RETRAIN_AT
    return at


def drain_s() -> float:
    """How long the old side outlives a swap, in seconds."""
    return float(settings.DRAIN_S)


def lease_s() -> float:
    """How long one holder may work on a retrain run before another may claim it, in seconds."""
    return float(settings.LEASE_S)


def lease_span() -> timedelta:
    """The same span in the world's time, which may run faster than the system's."""
    return timedelta(seconds=lease_s() * float(settings.CLOCK.rate))


def ask_consent() -> bool:
    """Whether a shopper must agree before anything is recorded."""
    return bool(settings.ASK_CONSENT)


def clock_rate() -> float:
    """Seconds of the world's time in one of the system's."""
    return float(settings.CLOCK.rate)


def alarm_emails() -> tuple[str, ...]:
    """Who is told of alarms by e-mail."""
    return tuple(settings.ALARM_EMAILS)


def alarm_webhook_url() -> str:
    """Where alarms are posted as JSON; empty for nowhere."""
    return str(settings.ALARM_WEBHOOK_URL)


def alarm_model_age_h() -> float:
    """From which age on a live model is an alarm, in hours."""
    return float(settings.ALARM_MODEL_AGE_H)


def alarm_fallback_share() -> float:
    """From which share of personal rows from a lower rung on is an alarm, 0..1."""
    return float(settings.ALARM_FALLBACK_SHARE)


def alarm_lag_s() -> float:
    """How long events may wait in the stream before it is an alarm, in seconds."""
    return float(settings.ALARM_LAG_S)
