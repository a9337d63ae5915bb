"""The environment, read once into a frozen value; a wrong variable stops the start and every fault is listed."""

from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, ValidationError, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

BASE_DIR = Path(__file__).resolve().parent.parent
DEVELOPMENT_KEY = "development-only-key-that-production-refuses-to-start-with"


class EnvironmentFault(Exception):
    """Raised at start with one line for every variable that is missing or wrong."""


class Environment(BaseSettings):
    """Every variable the project reads. Defaults suit development; production refuses the unsafe ones."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", env_ignore_empty=True)

    production: bool = False
    secret_key: str = Field(DEVELOPMENT_KEY, min_length=32)
    secret_key_file: Path | None = None
    allowed_hosts: Annotated[tuple[str, ...], NoDecode] = ("127.0.0.1", "localhost", "[::1]")

    world: str = Field("demo", pattern=r"^[a-z0-9][a-z0-9_-]{0,31}$")
    var_dir: Path = BASE_DIR / "var"
    database_url: str | None = Field(None, pattern=r"^postgres(ql)?://")
    redis_url: str | None = Field(None, pattern=r"^(rediss?|unix)://")
    cache_url: str | None = Field(None, pattern=r"^(rediss?|unix)://")

    host: str = "127.0.0.1"
    port: int = Field(8000, ge=1, le=65535)
    web_workers: int = Field(2, ge=1, le=64)

    ask_consent: bool = False
    shopper_login: bool | None = None

    retrain_at: str = Field("03:00", pattern=r"^([01]\d|2[0-3]):[0-5]\d$")
    retrain_tick_s: float = Field(60, ge=1, le=3600)
    retrain_window_days: int = Field(400, ge=1, le=3650)
    watermark_slack_s: float = Field(2.0, ge=0, le=3600)
    drain_s: float = Field(900, ge=0, le=86_400)
    lease_s: float = Field(60, ge=5, le=3600)
    recommendation_deadline_s: float = Field(0.15, gt=0, le=5)
    stream_max_length: int = Field(1_000_000, ge=1000)

    @model_validator(mode="before")
    @classmethod
    def _split_hosts(cls, values: dict[str, object]) -> dict[str, object]:
        hosts = values.get("allowed_hosts")
        if isinstance(hosts, str):
            values["allowed_hosts"] = tuple(host.strip() for host in hosts.split(",") if host.strip())
        return values

    @model_validator(mode="after")
    def _refuse_unsafe_production(self) -> Self:
        if not self.production:
            return self
        faults = []
        if self.signing_key == DEVELOPMENT_KEY:
            faults.append("SECRET_KEY: set a random key of at least 32 characters (or SECRET_KEY_FILE)")
        if self.database_url is None:
            faults.append(
                "DATABASE_URL: set postgresql://user:password@host/name; the bundled server is for development"
            )
        if self.redis_url is None:
            faults.append("REDIS_URL: set redis://host:6379; the bundled server is for development")
        if faults:
            raise ValueError("; ".join(faults))
        return self

    @property
    def signing_key(self) -> str:
        """The secret key itself, from its file where one is named."""
        return self.secret_key_file.read_text().strip() if self.secret_key_file else self.secret_key

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
        lines = [
            f"  {'.'.join(str(part) for part in fault['loc']).upper() or 'ENVIRONMENT'}: {fault['msg']}"
            for fault in error.errors()
        ]
        raise EnvironmentFault("The environment is not usable:\n" + "\n".join(lines)) from error
