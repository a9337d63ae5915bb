"""The command lists what was given up on, and acts only when it is told."""

from collections.abc import Iterator
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from recommendations.events.connections import worker_client
from recommendations.events.poison import DEAD
from recommendations.events.stream import NAME
from recommendations.events.valkey_stream import ValkeyStream
from recommendations.events.wire import encode_entries
from tests.factories.events import make_interaction


@pytest.fixture
def buried() -> Iterator[ValkeyStream]:
    client = worker_client()
    client.delete(NAME, f"{NAME}{DEAD}")
    stream = ValkeyStream.of_settings()
    stream.ensure_groups()
    stream.append(encode_entries([make_interaction()]))
    (entry,) = stream.read("store", "one", count=1, wait_ms=1)
    stream.bury("store", entry, "ValueError('planted')")
    yield stream
    client.delete(NAME, f"{NAME}{DEAD}")


def ask(*options: str) -> str:
    out = StringIO()
    call_command("dead_letters", *options, stdout=out)
    return out.getvalue()


def test_command_lists_by_group_and_reason_and_changes_nothing(buried: ValkeyStream) -> None:
    told = ask()

    assert told.split() == ["1", "store:", "ValueError('planted')"]
    assert buried.n_dead_letters() == 1


@pytest.mark.parametrize(("option", "length"), [("--send-again", 2), ("--discard", 1)])
def test_command_sends_again_or_discards(buried: ValkeyStream, option: str, length: int) -> None:
    ask(option)

    assert ask() == "No event was given up on.\n"
    assert buried.length() == length


def test_command_takes_one_act_at_a_time(buried: ValkeyStream) -> None:
    with pytest.raises(CommandError, match="not allowed with"):
        ask("--send-again", "--discard")

    assert buried.n_dead_letters() == 1
