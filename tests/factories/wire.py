"""What tests make by boto3 on a server of Amazon Personalize's protocol: data, resources, and the wait for them."""

import csv
import json
import random
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

ROLE = "arn:aws:iam::123456789012:role/PersonalizeRole"
RECIPE = "arn:aws:personalize:::recipe/"
GENRES = ("action", "comedy", "drama", "horror", "romance")
ITEMS_PER_GENRE = 20
STRING = {"type": "string"}
INTERACTION_FIELDS: Sequence[Mapping[str, Any]] = (
    {"name": "USER_ID", **STRING},
    {"name": "ITEM_ID", **STRING},
    {"name": "TIMESTAMP", "type": "long"},
    {"name": "EVENT_TYPE", **STRING},
)
ITEM_FIELDS: Sequence[Mapping[str, Any]] = (
    {"name": "ITEM_ID", **STRING},
    {"name": "GENRE", "type": ["null", "string"], "categorical": True},
    {"name": "PRICE", "type": "float"},
)
USER_FIELDS: Sequence[Mapping[str, Any]] = (
    {"name": "USER_ID", **STRING},
    {"name": "AGE", "type": "int"},
)
WITHIN_S = 90.0
POLL_S = 0.1


def unique(word: str) -> str:
    """A name that nothing else has."""
    return f"{word}-{uuid.uuid4().hex[:10]}"


def genre_of(item_id: str) -> str:
    """The genre of an item that `write_interactions` names."""
    return GENRES[int(item_id.rpartition("-")[2]) // ITEMS_PER_GENRE]


def write_interactions(
    path: Path, *, n_users: int = 120, n_each: int = 12, event_types: Sequence[str] = ("view", "view", "buy")
) -> Path:
    """Write shoppers of one genre each: user-0 likes action, user-1 comedy, and so on round."""
    draw = random.Random(1)
    rows = []
    for user in range(n_users):
        at_s = 1_700_000_000 + user
        for _ in range(n_each):
            at_s += draw.randrange(60, 86_400)
            item = user % len(GENRES) * ITEMS_PER_GENRE + draw.randrange(ITEMS_PER_GENRE)
            rows.append((f"user-{user}", f"item-{item}", at_s, draw.choice(event_types)))
    return _write(path, ("USER_ID", "ITEM_ID", "TIMESTAMP", "EVENT_TYPE"), rows)


def write_items(path: Path) -> Path:
    """Write what is known of the items."""
    n_items = len(GENRES) * ITEMS_PER_GENRE
    rows = [(f"item-{item}", f"{genre_of(f'item-{item}')}|all", item) for item in range(n_items)]
    return _write(path, ("ITEM_ID", "GENRE", "PRICE"), rows)


def write_users(path: Path, *, n_users: int = 120) -> Path:
    """Write what is known of the users."""
    return _write(path, ("USER_ID", "AGE"), [(f"user-{user}", 18 + user % 50) for user in range(n_users)])


def schema_text(kind: str, fields: Sequence[Mapping[str, Any]]) -> str:
    """A schema as CreateSchema takes it."""
    record = {"type": "record", "name": kind, "namespace": "com.amazonaws.personalize.schema", "version": "1.0"}
    return json.dumps({**record, "fields": list(fields)})


def wait_until_over(describe: Callable[..., Any], member: str, **arn: str) -> dict[str, Any]:
    """Ask until a resource is ACTIVE or failed, and return what it is then."""
    deadline = time.monotonic() + WITHIN_S
    while time.monotonic() < deadline:
        described: dict[str, Any] = describe(**arn)[member]
        if not described["status"].endswith(("PENDING", "IN_PROGRESS")):
            return described
        time.sleep(POLL_S)
    raise AssertionError(f"{arn} is still {described['status']}.")


def wait_until_active(describe: Callable[..., Any], member: str, **arn: str) -> dict[str, Any]:
    """Ask until a resource is ACTIVE."""
    described = wait_until_over(describe, member, **arn)
    assert described["status"] == "ACTIVE", described
    return described


@contextmanager
def refused(code: str, *words: str) -> Iterator[None]:
    """Expect boto3 to raise an error of this code, whose message has the words."""
    try:
        yield
    except ClientError as error:
        told = error.response["Error"]
        assert told["Code"] == code, told
        missing = [word for word in words if word not in told["Message"]]
        assert not missing, f"{missing} are not in {told['Message']!r}"
    else:
        raise AssertionError(f"{code} was not raised.")


def _write(path: Path, header: Sequence[str], rows: Sequence[Sequence[object]]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(rows)
    return path
