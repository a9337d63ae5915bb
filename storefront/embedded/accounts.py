"""Which user the servers run as, and how root hands commands and files to that user."""

from __future__ import annotations

import os
import pwd
import shutil
import stat
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from storefront.embedded.errors import OWN_SERVERS_HINT, PrivilegesNotDroppable

ROOT = 0
NOBODY_ID = 65534  # Where the password file does not name nobody; the kernel's own overflow id.
CAPABILITY_BITS = {"dac_override": 1, "dac_read_search": 2}  # linux/capability.h


@dataclass(frozen=True, slots=True)
class Account:
    """The user that owns the data and runs the servers."""

    uid: int
    gid: int
    is_dropped_to: bool  # Whether this process is root and has to become that user.

    @property
    def name(self) -> str:
        return name_of(self.uid)

    def give_descriptor(self, fd: int) -> None:
        """Make an open file this user's, where it is not."""
        if self.is_dropped_to and os.fstat(fd).st_uid != self.uid:
            os.fchown(fd, self.uid, self.gid)

    def give_tree(self, top: Path) -> None:
        """Make a folder and all below it this user's, where the folder is not; links are never followed."""
        if not self.is_dropped_to or top.lstat().st_uid == self.uid:
            return
        for _, folders, files, folder_fd in os.fwalk(top, topdown=False, follow_symlinks=False):
            for name in (*folders, *files):
                os.chown(name, self.uid, self.gid, dir_fd=folder_fd, follow_symlinks=False)
        # The top comes last: an interrupted walk is taken up again by the next start.
        os.chown(top, self.uid, self.gid, follow_symlinks=False)

    def command(self, arguments: Sequence[str | Path], *, reaching: Sequence[Path]) -> list[str]:
        """The arguments, preceded by what makes them run as this user.

        Args:
            arguments: a program by its absolute path, and its arguments.
            reaching: folders that the program works in; where this user cannot get to one of them or to the program, as
                below a home of mode 0700, it is lent the capability to pass instead of the folders being opened up.

        Raises:
            PrivilegesNotDroppable: nothing lets this user get there, or there is no setpriv.
        """
        words = [str(word) for word in arguments]
        if not self.is_dropped_to:
            return words
        capabilities = self._capabilities_for(Path(words[0]), reaching)
        lent = [f"+{name}" for name in sorted(capabilities)]
        sets = ",".join(["-all", *lent])
        dropping = [_setpriv(), f"--reuid={self.uid}", f"--regid={self.gid}", "--clear-groups", f"--inh-caps={sets}"]
        if lent:
            # Programs ask access(2) about themselves; without this bit it answers as if nothing were lent.
            dropping += [f"--ambient-caps={sets}", "--securebits=+no_setuid_fixup"]
        return [*dropping, "--", *words]

    def _capabilities_for(self, program: Path, reaching: Sequence[Path]) -> set[str]:
        folders = {folder for path in (program, *reaching) for folder in path.parents}
        closed = sorted(folder for folder in folders if not self._may(folder, stat.S_IXOTH))
        needed = {"dac_read_search"} if closed else set()
        if not self._may(program, stat.S_IXOTH | stat.S_IROTH):  # Installed under a umask of 077.
            needed |= {"dac_override", "dac_read_search"}
        missing = needed - held_capabilities()
        if missing == {"dac_read_search"} and "dac_override" in held_capabilities():
            # Containers often keep only the wider of the two.
            return (needed - missing) | {"dac_override"}
        if missing:
            where = closed[0] if closed else program
            raise PrivilegesNotDroppable(
                f"the servers must run as {self.name}, who may not enter {where}, and this container's root lacks "
                f"{', '.join(sorted(missing))}: move the project to a folder open to all, {OWN_SERVERS_HINT}"
            )
        return needed

    def _may(self, path: Path, others_bits: int) -> bool:
        """Whether the mode bits grant this user what `others_bits` says; access lists can only widen it."""
        status = path.stat()
        if status.st_uid == self.uid:
            wanted = others_bits << 6
        elif status.st_gid == self.gid:
            wanted = others_bits << 3
        else:
            wanted = others_bits
        return status.st_mode & wanted == wanted


def choose_account(world_dir: Path) -> Account:
    """The user for a world's servers: oneself; for root, whom PostgreSQL refuses, the checkout's owner or nobody.

    Args:
        world_dir: `<checkout>/var/<world>`, which need not exist yet.
    """
    if os.geteuid() != ROOT:
        return Account(os.geteuid(), os.getegid(), is_dropped_to=False)
    for path in (*reversed(list(world_dir.parents)[:2]), world_dir):
        if path.exists() and (uid := path.stat().st_uid) != ROOT and has_name(uid):
            return Account(uid, pwd.getpwuid(uid).pw_gid, is_dropped_to=True)
    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError:
        return Account(NOBODY_ID, NOBODY_ID, is_dropped_to=True)
    return Account(nobody.pw_uid, nobody.pw_gid, is_dropped_to=True)


def has_name(uid: int) -> bool:
    """Whether the password file knows the user; initdb refuses to run as one that it does not know."""
    try:
        pwd.getpwuid(uid)
    except KeyError:
        return False
    return True


def name_of(uid: int) -> str:
    return f"{pwd.getpwuid(uid).pw_name} (uid {uid})" if has_name(uid) else f"uid {uid}"


def held_capabilities() -> set[str]:
    """Which of the capabilities that open files and folders this process could lend."""
    for line in Path("/proc/self/status").read_text(encoding="ascii", errors="replace").splitlines():
        if line.startswith("CapPrm:"):
            held = int(line.split()[1], 16)
            return {name for name, bit in CAPABILITY_BITS.items() if held >> bit & 1}
    return set()


def _setpriv() -> str:
    found = shutil.which("setpriv", path="/usr/bin:/bin:/usr/local/bin") if sys.platform == "linux" else None
    if found is None:
        raise PrivilegesNotDroppable(
            f"PostgreSQL refuses to run as root, and setpriv (util-linux), which would drop to another user, is not "
            f"here: run as an ordinary user, {OWN_SERVERS_HINT}"
        )
    return found
