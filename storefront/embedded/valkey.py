"""The bundled Valkey: stream, broker and shopper state, kept on disk by its append-only file."""

from __future__ import annotations

import signal
import socket
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from storefront.embedded.accounts import Account
from storefront.embedded.daemons import Report
from storefront.embedded.errors import ServerNotRunnable
from storefront.embedded.locks import FileLock
from storefront.embedded.wheels import valkey_program
from storefront.embedded.world import World

ANSWER_LIMIT_S = 5.0
SETTINGS = {
    "port": "0",
    "unixsocketperm": "700",
    "daemonize": "no",
    "databases": "16",
    "appendonly": "yes",
    "appendfsync": "everysec",
    "save": "",
    "maxmemory": "256mb",
    "maxmemory-policy": "noeviction",
    "loglevel": "notice",
    "logfile": "",
}


@dataclass(frozen=True, slots=True)
class Valkey:
    """Valkey of one world."""

    world: World
    name: str = field(default="Valkey", init=False)
    stop_signals: Sequence[tuple[signal.Signals, float]] = field(
        default=((signal.SIGTERM, 10.0), (signal.SIGKILL, 5.0)), init=False
    )

    @property
    def account(self) -> Account:
        return self.world.account

    @property
    def lock_path(self) -> Path:
        return self.world.run_dir / "valkey.lock"

    @property
    def log(self) -> Path:
        return self.world.log_dir / "valkey.log"

    @property
    def socket(self) -> Path:
        return self.world.socket_dir / "valkey.sock"

    @property
    def _pid_file(self) -> Path:
        return self.world.run_dir / "valkey.pid"

    def prepare(self, lock: FileLock, report: Report) -> None:  # noqa: ARG002
        self._pid_file.unlink(missing_ok=True)
        self.socket.unlink(missing_ok=True)

    def command(self) -> list[str]:
        places = {"dir": self.world.valkey_dir, "unixsocket": self.socket, "pidfile": self._pid_file}
        options = [word for key, value in (SETTINGS | places).items() for word in (f"--{key}", value)]
        reaching = [self.world.valkey_dir / "data", self.socket, self._pid_file]
        return self.account.command([valkey_program(), *options], reaching=reaching)

    def is_ready(self) -> bool:
        # Two plain lines instead of a client library, whose import alone takes longer than the start.
        answer = self._ask(b"PING\r\nCONFIG GET dir\r\n", lines=6)
        if not answer.startswith(b"+PONG\r\n"):
            return False  # Also while it loads its file: -LOADING.
        data = answer.split(b"\r\n")[5].decode()
        if Path(data) != self.world.valkey_dir:
            raise ServerNotRunnable(
                f"the server at {self.socket} has its data in {data}, not in {self.world.valkey_dir}: the folder was "
                f"moved while its server ran; stop that server and try again"
            )
        return True

    def pid(self) -> int | None:
        try:
            return int(self._pid_file.read_text())
        except (FileNotFoundError, ValueError):
            return None

    def _ask(self, request: bytes, *, lines: int) -> bytes:
        answer = b""
        try:
            with socket.socket(socket.AF_UNIX) as connection:
                connection.settimeout(ANSWER_LIMIT_S)
                connection.connect(str(self.socket))
                connection.sendall(request)
                while answer.count(b"\r\n") < lines and not answer.startswith(b"-"):
                    if not (received := connection.recv(4096)):
                        break
                    answer += received
        except OSError:
            return b""
        return answer if answer.count(b"\r\n") >= lines else b""
