"""A clock that stands until a test moves it."""

from dataclasses import dataclass
from datetime import datetime


@dataclass
class StandingClock:
    """In the place of `storefront.clock.Clock`."""

    moment: datetime

    def now(self) -> datetime:
        return self.moment
