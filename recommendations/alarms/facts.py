"""What is known of the shop at one moment; a part that could not be asked is None, which is not a good answer."""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class FailedRun:
    """How the last finished run of a rotation failed."""

    run: int
    step: str
    reason: str
    fix: str


@dataclass(frozen=True, slots=True)
class RotationFacts:
    """One active rotation: what it serves, and how its last run ended."""

    key: str
    trained_at: datetime | None
    failed_run: FailedRun | None = None


@dataclass(frozen=True, slots=True)
class GroupFacts:
    """One consumer group of the stream.

    `lag_s` is how long its oldest unfinished entry has waited; `seen_s` how long ago its liveliest consumer asked for
    more, None where it has none.
    """

    name: str
    n_waiting: int
    lag_s: float
    seen_s: float | None


@dataclass(frozen=True, slots=True)
class StreamFacts:
    """The event stream and its groups."""

    length: int
    max_length: int
    groups: tuple[GroupFacts, ...]
    # Entries that some group gave up on, and nobody has looked after yet.
    n_dead_letters: int = 0


@dataclass(frozen=True, slots=True)
class AnswerFacts:
    """Personal lists asked for in the last minutes, and how many of them a lower rung gave."""

    n_asked: int
    n_fallback: int

    @property
    def fallback_share(self) -> float:
        """0..1; 0 where nobody asked."""
        return self.n_fallback / self.n_asked if self.n_asked else 0.0


@dataclass(frozen=True, slots=True)
class StateStoreFacts:
    """What only Valkey can tell."""

    stream: StreamFacts
    answers: AnswerFacts
    open_breakers: tuple[str, ...]
    # Since the last periodic task came through; None if none ever did.
    beat_silent_s: float | None


@dataclass(frozen=True, slots=True)
class RampFacts:
    """An experiment whose ramp was stopped by its guardrails or by doubts about its data, and why; nobody came yet."""

    key: str
    is_rolled_back: bool
    reason: str
    stopped_at: datetime


@dataclass(frozen=True, slots=True)
class MoneyFacts:
    """Payments that are asked for and not answered, since when, and refunds that were declined and not asked again."""

    n_unanswered: int
    oldest_asked_at: datetime | None
    n_refunds_declined: int


@dataclass(frozen=True, slots=True)
class LetterFacts:
    """Mail that is owed and has not left, and since when; since when nobody wrote what is owed; what failed lately."""

    n_waiting: int = 0
    oldest_waiting_at: datetime | None = None
    oldest_unwritten_at: datetime | None = None
    n_refused: int = 0
    # Those that the server may have taken, or not.
    n_unsure: int = 0


@dataclass(frozen=True, slots=True)
class ChangeFacts:
    """Changes of products that no campaign was told of yet: the oldest one's number, and how many."""

    oldest: int = 0
    n_waiting: int = 0


@dataclass(frozen=True, slots=True)
class Facts:
    """The shop at one moment of the world's time."""

    now: datetime
    rotations: tuple[RotationFacts, ...]
    newest_interaction_at: datetime | None
    n_outbox: int
    outbox_oldest_at: datetime | None
    # None: Valkey is out of reach.
    state_store: StateStoreFacts | None
    ramps: tuple[RampFacts, ...] = ()
    # None: the project takes no payments.
    money: MoneyFacts | None = None
    # None: the project writes no letters.
    letters: LetterFacts | None = None
    changes: ChangeFacts = ChangeFacts()


@dataclass(frozen=True, slots=True)
class Bounds:
    """From where on a fact is an alarm."""

    model_age: timedelta = timedelta(hours=36)
    data_age: timedelta = timedelta(hours=24)
    # A share of few answers says little.
    fallback_share: float = 0.2
    fallback_n_asked: int = 20
    lag_s: float = 120.0
    stream_share: float = 0.5
    consumer_silent_s: float = 30.0
    outbox_age: timedelta = timedelta(seconds=60)
    beat_silent_s: float = 180.0
    # Some five attempts: what a provider's short absence does not reach.
    payment_age: timedelta = timedelta(minutes=15)
    # Some six attempts: what a server that lets strangers wait, or restarts, does not reach.
    letter_age: timedelta = timedelta(hours=1)
