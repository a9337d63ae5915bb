"""The environment, read once into a frozen value; a wrong variable stops the start and every fault is listed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import BeforeValidator, Field, StringConstraints, ValidationError, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

BASE_DIR = Path(__file__).resolve().parent.parent
LOOPBACK = (IPv4Network("127.0.0.0/8"), IPv6Network("::1/128"))
EmailAddress = Annotated[str, StringConstraints(pattern=r"^[^@\s,]+@[^@\s,]+$")]
AccessKey = Annotated[str, StringConstraints(pattern=r"^[!-9;-~]{3,128}:[!-~]{3,128}$")]
DataLocation = Annotated[
    str, StringConstraints(pattern=r"^(s3://|https?://)[^/\s?#@]+(/[^\s?#]*)?$|^file:///[^\s?#]*$")
]
Price = Annotated[
    str,
    StringConstraints(
        pattern=r"^(gb|training_hour|tps_hour|v2_million_interactions|v2_thousand_requests)=\d{1,6}(\.\d{1,6})?$"
    ),
]
Fee = Annotated[
    str,
    StringConstraints(
        pattern=r"^((processing|seller)_share=0?\.\d{1,4}|(processing|seller)_share=0"
        r"|(processing_min|shipping|seller_min)_cents=\d{1,6})$"
    ),
]
RateLimit = Annotated[
    str,
    StringConstraints(pattern=r"^(sign_in|sign_up|orders|writes|search|suggestions|api)=[1-9]\d{0,5}$"),
]
DEVELOPMENT_KEY = "development-only-key-that-production-refuses-to-start-with"
SHORTEST_KEY = 32
LISTS = (
    "rate_limits",
    "allowed_hosts",
    "metrics_allowed",
    "alarm_emails",
    "personalize_access_keys",
    "personalize_data_locations",
    "personalize_prices",
    "fees",
)


class EnvironmentFault(Exception):
    """Raised at start with one line for every variable that is missing or wrong."""


class CombinedFaults(ValueError):
    """What several variables do not allow together, each with its variable and the fix."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("; ".join(faults))
        self.faults = faults


@dataclass(frozen=True, slots=True)
class KeyFile:
    """A file that holds the secret key, and the key as it was at the start."""

    path: Path
    key: str = field(repr=False)

    @classmethod
    def read(cls, path: object) -> Self | None:
        """Read the key.

        Raises:
            ValueError: the file cannot be read, or its key is too short.
        """
        if path is None:
            return None
        try:
            key = Path(str(path)).read_text().strip()
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "no UTF-8 text"
            raise ValueError(f"{path}: {reason}; name a readable file that holds the key") from error
        if len(key) < SHORTEST_KEY:
            raise ValueError(f"{path} holds {len(key)} characters; write a random key of at least {SHORTEST_KEY}")
        return cls(Path(str(path)), key)


class Environment(BaseSettings):
    """Every variable the project reads. Defaults suit development; production refuses the unsafe ones."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", env_ignore_empty=True)

    production: bool = False
    secret_key: str = Field(DEVELOPMENT_KEY, min_length=SHORTEST_KEY)
    secret_key_file: Annotated[KeyFile | None, NoDecode, BeforeValidator(KeyFile.read)] = None
    allowed_hosts: Annotated[tuple[str, ...], NoDecode] = ("127.0.0.1", "localhost", "[::1]")

    world: str = Field("demo", pattern=r"^[a-z0-9][a-z0-9_-]{0,31}$")
    var_dir: Path = BASE_DIR / "var"
    database_url: str | None = Field(None, pattern=r"^postgres(ql)?://")
    redis_url: str | None = Field(None, pattern=r"^(rediss?|unix)://")
    cache_url: str | None = Field(None, pattern=r"^(rediss?|unix)://")

    shop_url: str = Field("", pattern=r"^(https?://[^/\s]+)?$")
    host: str = "127.0.0.1"
    port: int = Field(8000, ge=1, le=65535)
    web_workers: int = Field(2, ge=1, le=64)

    trusted_proxies: int = Field(0, ge=0, le=10)
    rate_limits: Annotated[tuple[RateLimit, ...], NoDecode] = ()

    ask_consent: bool = False
    shopper_login: bool | None = None

    payment_provider: Literal["sandbox"] = "sandbox"
    fees: Annotated[tuple[Fee, ...], NoDecode] = ()

    retrain_at: str = Field("03:00", pattern=r"^([01]\d|2[0-3]):[0-5]\d$")
    retrain_tick_s: float = Field(60, ge=1, le=3600)
    retrain_window_days: int = Field(400, ge=1, le=3650)
    training_budget_s: float = Field(0, ge=0, le=86_400)
    watermark_slack_s: float = Field(2.0, ge=0, le=3600)
    drain_s: float = Field(900, ge=0, le=86_400)
    lease_s: float = Field(60, ge=5, le=3600)
    recommendation_deadline_s: float = Field(0.15, gt=0, le=5)
    stream_max_length: int = Field(1_000_000, ge=1000)
    event_stream_url: str = Field("", pattern=r"^(kinesis://[a-zA-Z0-9_.-]{1,128})?$")
    archive_url: str = Field("", pattern=r"^(s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[^\s?#]*)?|file:///[^\s?#]+)?$")
    retrain_from: Literal["store", "archive"] = "store"
    retention_months: int = Field(13, ge=1, le=1200)

    log_format: Literal["text", "json"] | None = None
    metrics_allowed: Annotated[tuple[IPv4Network | IPv6Network, ...] | None, NoDecode] = None
    metrics_token: str = Field("", pattern=r"^([!-~]{24,})?$")
    prometheus_multiproc_dir: Path | None = None

    recommender_backend: Literal["embedded", "personalize"] = "embedded"
    personalize_role_arn: str = Field("", pattern=r"^(arn:[a-z-]+:iam::\d{12}:role/\S{1,512})?$")
    personalize_bucket: str = Field("", pattern=r"^(s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[^\s?#]*)?)?$")
    personalize_recipe: str = Field("aws-user-personalization", pattern=r"^[a-z0-9-]{1,80}$")
    personalize_min_tps: int = Field(1, ge=1, le=500)

    personalize_access_keys: Annotated[tuple[AccessKey, ...], NoDecode] = ()
    personalize_data_locations: Annotated[tuple[DataLocation, ...], NoDecode] = ()
    personalize_port: int = Field(4010, ge=1, le=65535)
    personalize_fault: Literal["", "throttle", "5xx", "hang", "drip", "empty", "unknown_ids", "malformed"] = ""
    personalize_fault_share: float = Field(1.0, ge=0, le=1)
    personalize_monthly_budget_usd: float = Field(0, ge=0, allow_inf_nan=False)
    personalize_prices: Annotated[tuple[Price, ...], NoDecode] = ()

    alarm_emails: Annotated[tuple[EmailAddress, ...], NoDecode] = ()
    alarm_webhook_url: str = Field("", pattern=r"^(https://\S+|http://(127\.0\.0\.1|localhost|\[::1\])([:/]\S*)?)?$")
    alarm_model_age_h: float = Field(36, gt=0, le=8760)
    alarm_fallback_share: float = Field(0.2, ge=0, le=1)
    alarm_lag_s: float = Field(120, gt=0, le=86_400)
    email_url: str = Field("console://", pattern=r"^(console://|smtps?://[^/\s]+)$")
    email_from: EmailAddress = "shop@localhost"

    @model_validator(mode="before")
    @classmethod
    def _split_lists(cls, values: dict[str, object]) -> dict[str, object]:
        for name in LISTS:
            listed = values.get(name)
            if isinstance(listed, str):
                values[name] = tuple(one.strip() for one in listed.split(",") if one.strip())
        return values

    @model_validator(mode="after")
    def _refuse_half_a_backend(self) -> Self:
        if self.recommender_backend == "personalize":
            needed = {
                "PERSONALIZE_ROLE_ARN": (self.personalize_role_arn, "arn:aws:iam::ACCOUNT:role/NAME"),
                "PERSONALIZE_BUCKET": (self.personalize_bucket, "s3://bucket/folder"),
            }
            faults = [
                f"{name}: RECOMMENDER_BACKEND=personalize needs it; set {example}"
                for name, (value, example) in needed.items()
                if not value
            ]
            if faults:
                raise CombinedFaults(faults)
        return self

    @model_validator(mode="after")
    def _refuse_unsafe_production(self) -> Self:
        if not self.production:
            return self
        faults = []
        if self.signing_key == DEVELOPMENT_KEY:
            faults.append("SECRET_KEY: set a random key of at least 32 characters (or SECRET_KEY_FILE)")
        if "allowed_hosts" not in self.model_fields_set or not self.allowed_hosts:
            faults.append("ALLOWED_HOSTS: set the shop's host names, separated by commas")
        if self.database_url is None:
            faults.append(
                "DATABASE_URL: set postgresql://user:password@host/name; the bundled server is for development"
            )
        if self.redis_url is None:
            faults.append("REDIS_URL: set redis://host:6379; the bundled server is for development")
        if self.personalize_fault:
            faults.append("PERSONALIZE_FAULT: leave it empty; faults on purpose are for tests")
        if faults:
            raise CombinedFaults(faults)
        return self

    @model_validator(mode="after")
    def _refuse_to_read_no_archive(self) -> Self:
        if self.retrain_from == "archive" and not self.archive_url:
            raise CombinedFaults(
                ["ARCHIVE_URL: RETRAIN_FROM=archive needs it; set file:///folder or s3://bucket/folder"]
            )
        return self

    @property
    def signing_key(self) -> str:
        """The secret key itself, from its file where one is named."""
        return self.secret_key_file.key if self.secret_key_file else self.secret_key

    def secrets(self) -> tuple[str, ...]:
        """What no log may ever hold: keys, tokens, passwords in addresses, and the webhook's address itself."""
        urls = (self.database_url, self.redis_url, self.cache_url, self.email_url)
        passwords = [urlsplit(url).password or "" for url in urls if url]
        named = (self.signing_key, self.metrics_token, self.alarm_webhook_url, *passwords)
        return tuple(secret for secret in named if secret)

    @property
    def origin(self) -> str:
        """The shop's scheme and host as its shoppers type them, for links in mail."""
        if self.shop_url:
            return self.shop_url
        if self.production:
            return f"https://{self.allowed_hosts[0].lstrip('.')}"
        return f"http://127.0.0.1:{self.port}"

    @property
    def log_as_json(self) -> bool:
        """Whether records are JSON objects; by default in production."""
        return self.log_format == "json" if self.log_format else self.production

    @property
    def metrics_networks(self) -> tuple[IPv4Network | IPv6Network, ...]:
        """Who may read /metrics by address alone: this machine in development, nobody in production."""
        if self.metrics_allowed is not None:
            return self.metrics_allowed
        return () if self.production else LOOPBACK

    @property
    def world_dir(self) -> Path:
        """Where this world's servers, artifacts and exports live."""
        return self.var_dir / self.world


def read_environment() -> Environment:
    """Read the process's variables.

    Returns:
        The frozen environment.

    Raises:
        EnvironmentFault: one line for each wrong variable, with what was expected.
    """
    try:
        return Environment()
    except ValidationError as error:
        lines = "\n".join(f"  {line}" for fault in error.errors() for line in _described(fault))
        raise EnvironmentFault(f"The environment is not usable:\n{lines}") from error


def _described(fault: Mapping[str, Any]) -> Iterator[str]:
    """One line a variable: faults of several variables together come as one."""
    cause = fault.get("ctx", {}).get("error")
    if isinstance(cause, CombinedFaults):
        yield from cause.faults
        return
    name = ".".join(str(part) for part in fault["loc"]).upper() or "ENVIRONMENT"
    yield f"{name}: {fault['msg'].removeprefix('Value error, ')}"
