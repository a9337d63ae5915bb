import socket
from collections.abc import Iterator

import pytest
from django.core.management import CommandError, call_command

from storefront.listening import find_port_fault

HOST = "127.0.0.1"


@pytest.fixture
def taken_port() -> Iterator[int]:
    """A port that somebody listens on in the way of web workers, who share theirs."""
    with socket.socket() as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        server.bind((HOST, 0))
        server.listen()
        yield server.getsockname()[1]


def test_port_of_nobody_is_free_and_one_of_somebody_is_not(taken_port: int) -> None:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        free_port = probe.getsockname()[1]

    free, taken = find_port_fault(HOST, free_port), find_port_fault(HOST, taken_port)

    assert free is None
    assert taken == "Address already in use"


def test_port_that_no_machine_has_is_a_fault_too() -> None:
    assert find_port_fault(HOST, 70_000) is not None


def test_personalize_refuses_a_port_that_another_server_has(taken_port: int) -> None:
    with pytest.raises(CommandError, match=rf"--port {taken_port} cannot be had .*; give another\."):
        call_command("personalize", port=taken_port)
