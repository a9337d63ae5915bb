"""PURE: hours of the archive and their files' names, as Amazon Data Firehose lays them out by default."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import NAMESPACE_URL, uuid5

HOUR = timedelta(hours=1)
# Source: Amazon Data Firehose developer guide, "Amazon S3 object name format": PREFIX YYYY/MM/dd/HH/ then
# STREAM-VERSION-YYYY-MM-dd-HH-MM-SS-RANDOM, and the compression's suffix.
PLACE = re.compile(r"(?:^|/)(\d{4})/(\d{2})/(\d{2})/(\d{2})/([^/]+)\.gz$")
STREAM, VERSION = "interactions", 1


@dataclass(frozen=True, slots=True, order=True)
class ArchivedFile:
    """A file of the archive: the hour in which its interactions were received, and its name below the archive."""

    hour: datetime
    name: str

    @property
    def is_ours(self) -> bool:
        """Whether it is the one file that this shop writes of its hour, not one that Firehose delivered."""
        return self.name.endswith(name_of(self.hour))


def hour_of(moment: datetime) -> datetime:
    """The beginning of a moment's hour, in UTC."""
    return moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def name_of(hour: datetime) -> str:
    """The name of an hour's file; the same at every time, so that writing it again replaces it.

    Args:
        hour: its beginning, in UTC.
    """
    random = uuid5(NAMESPACE_URL, f"{STREAM}/{hour:%Y-%m-%dT%H}")
    return f"{hour:%Y/%m/%d/%H}/{STREAM}-{VERSION}-{hour:%Y-%m-%d-%H-%M-%S}-{random}.gz"


def parse_name(name: str) -> ArchivedFile | None:
    """A file of the archive by its name; None for whatever lies there beside it."""
    match = PLACE.search(name)
    if match is None:
        return None
    try:
        hour = datetime(int(match[1]), int(match[2]), int(match[3]), int(match[4]), tzinfo=UTC)
    except ValueError:
        return None
    return ArchivedFile(hour, name)
