import os
import signal
import socket
from pathlib import Path

from storefront.embedded import Servers, ensure_running
from tests.storefront.embedded.conftest import pid_of, processes_of


def ask(servers: Servers, command: str) -> str:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(60)
        connection.connect(str(servers.valkey_socket))
        connection.sendall(f"{command}\r\n".encode())
        return connection.recv(4096).decode()


def test_valkey_refuses_writes_rather_than_forget_and_is_off_the_network(world_dir: Path) -> None:
    names = ("port", "appendonly", "appendfsync", "maxmemory", "maxmemory-policy", "databases", "save")

    with ensure_running(world_dir) as servers:
        settings = [ask(servers, f"CONFIG GET {name}").split("\r\n")[4] for name in names]

    assert settings == ["0", "yes", "everysec", str(256 * 1024 * 1024), "noeviction", "16", ""]


def test_valkey_killed_under_its_users_comes_back_with_all_keys(world_dir: Path) -> None:
    first = ensure_running(world_dir)
    ask(first.servers, "SET kept 1")
    os.kill(pid_of(world_dir, "valkey"), signal.SIGKILL)

    with ensure_running(world_dir) as servers:
        kept = ask(servers, "GET kept")
    first.release()

    assert kept == "$1\r\n1\r\n"
    assert processes_of(world_dir) == []


def test_valkey_keeps_its_keys_over_a_stop(world_dir: Path) -> None:
    with ensure_running(world_dir) as servers:
        ask(servers, "SET kept 1")

    with ensure_running(world_dir) as servers:
        kept = ask(servers, "GET kept")

    assert kept == "$1\r\n1\r\n"
