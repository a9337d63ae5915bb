"""Where a world's servers keep their data, logs, locks and sockets, and whether those places are ours."""

from __future__ import annotations

import hashlib
import os
import re
import stat
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from storefront.embedded.accounts import ROOT, Account, choose_account, name_of
from storefront.embedded.errors import OWN_SERVERS_HINT, WorldNotOurs

SOCKET_PATH_LIMIT = 104  # sockaddr_un.sun_path of macOS, its closing zero included; Linux grants 108.
LONGEST_SOCKET_NAME = ".s.PGSQL.5432.lock"
# libpq splits host names at commas and servers read their sockets' folder from lists: keep to what needs no quoting.
PLAIN_PATH = re.compile(r"[A-Za-z0-9/._-]+")
# Not $TMPDIR, which differs between two shells of one user and would hide the running servers from one of them.
SHARED_TEMPORARY = Path("/tmp")  # noqa: S108


@dataclass(frozen=True, slots=True)
class World:
    """The folders of one world, and the user they belong to."""

    top: Path
    account: Account

    @property
    def postgres_dir(self) -> Path:
        return self.top / "postgres"

    @property
    def valkey_dir(self) -> Path:
        return self.top / "valkey"

    @property
    def run_dir(self) -> Path:
        return self.top / "run"

    @property
    def log_dir(self) -> Path:
        return self.top / "log"

    @property
    def socket_dir(self) -> Path:
        """`run/`, or a short folder of our own where that is too long for a socket's address."""
        longest = os.fsencode(self.run_dir / LONGEST_SOCKET_NAME)
        if len(longest) < SOCKET_PATH_LIMIT and PLAIN_PATH.fullmatch(str(self.run_dir)):
            return self.run_dir
        digest = hashlib.sha256(os.fsencode(self.top)).hexdigest()[:12]
        return SHARED_TEMPORARY / f"storefront-{self.account.uid}-{digest}"

    def prepare_socket_dir(self) -> None:
        """Make the sockets' folder, or make sure that the one found there is ours alone."""
        path = self.socket_dir
        if path == self.run_dir:
            return
        with suppress(FileExistsError):
            path.mkdir(mode=0o700)
        found = path.lstat()
        if self.account.is_dropped_to and found.st_uid == ROOT:
            os.chown(path, self.account.uid, self.account.gid, follow_symlinks=False)
            found = path.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != self.account.uid or found.st_mode & 0o077:
            raise WorldNotOurs(
                f"{path} should be a folder of {self.account.name} with mode 0700, but is not (owner "
                f"{name_of(found.st_uid)}, mode {stat.S_IMODE(found.st_mode):04o}): remove it, or move the project to "
                f"a shorter path, which needs no such folder"
            )

    def remove_socket_dir(self) -> None:
        """Leave nothing in the shared temporary folder; what is in use there stays."""
        if self.socket_dir != self.run_dir:
            with suppress(OSError):
                self.socket_dir.rmdir()


def prepare_world(world_dir: Path) -> World:
    """Make a world's folders where they are missing.

    Args:
        world_dir: `<checkout>/var/<world>`; nothing above it is changed, only made where missing.

    Raises:
        WorldNotOurs: a folder belongs to somebody else, or cannot be made.
    """
    top = world_dir.absolute()
    try:
        top = top.resolve()
        world = World(top, choose_account(top))
        _make_with_parents(top)
        for folder in (world.run_dir, world.log_dir, world.valkey_dir):
            _make_private(folder, world.account)
        if world.postgres_dir.exists():
            _refuse_foreign(world.postgres_dir, world.account)
    except PermissionError as error:
        raise not_ours(Path(error.filename or top), top) from error
    except (FileExistsError, NotADirectoryError) as error:
        raise WorldNotOurs(f"{error.filename} is in the way: it is not a folder; remove it") from error
    return world


def _make_with_parents(top: Path) -> None:
    missing = [path for path in (top, *top.parents) if not path.exists()]
    for path in reversed(missing):
        path.mkdir(exist_ok=True)
        # What root makes in another user's checkout stays that user's.
        above = path.parent.stat()
        if os.geteuid() == ROOT and above.st_uid != ROOT:
            os.chown(path, above.st_uid, above.st_gid, follow_symlinks=False)


def _make_private(folder: Path, account: Account) -> None:
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        _refuse_foreign(folder, account)
    account.give_tree(folder)


def _refuse_foreign(folder: Path, account: Account) -> None:
    status = folder.lstat()
    if not stat.S_ISDIR(status.st_mode):
        raise NotADirectoryError(0, "not a folder", str(folder))
    if not account.is_dropped_to and status.st_uid != account.uid:
        raise not_ours(folder, folder.parent)


def not_ours(path: Path, top: Path) -> WorldNotOurs:
    """The error for a path that this user may not use, made by another user's start or below another user's folder."""
    for place in (path, *path.parents):
        with suppress(OSError):  # Missing, or hidden by a closed folder further up.
            owner = name_of(place.lstat().st_uid)
            break
    me = name_of(os.geteuid())
    given = top if place.is_relative_to(top) else place
    return WorldNotOurs(
        f"{place} belongs to {owner} and {me} may not use it: choose another world (WORLD=name), "
        f"give it to yourself (sudo chown -R {os.geteuid()} {given}), {OWN_SERVERS_HINT}"
    )
