import os
import subprocess
from pathlib import Path

import pytest

from storefront.embedded.accounts import Account
from storefront.embedded.errors import LockNotFree
from storefront.embedded.locks import FileLock, exclusively

ME = Account(os.geteuid(), os.getegid(), is_dropped_to=False)


def test_lock_taken_alone_excludes_others_until_it_is_closed(tmp_path: Path) -> None:
    first, second = FileLock(tmp_path / "lock", ME), FileLock(tmp_path / "lock", ME)

    taken = first.try_exclusive()
    refused = second.try_shared()
    first.close()
    freed = second.try_exclusive()
    second.close()

    assert (taken, refused, freed) == (True, False, True)


def test_lock_is_not_prolonged_by_a_program_started_meanwhile(tmp_path: Path) -> None:
    lock = FileLock(tmp_path / "lock", ME)
    lock.try_exclusive()
    program = subprocess.Popen(["sleep", "60"], close_fds=False)

    lock.close()
    with FileLock(tmp_path / "lock", ME) as next_lock:
        is_free = next_lock.try_exclusive()
    program.kill()
    program.wait()

    assert is_free


def test_lock_waited_for_too_long_names_its_file(tmp_path: Path) -> None:
    waits: list[int] = []

    with FileLock(tmp_path / "lock", ME) as lock:
        lock.try_exclusive()
        with (
            pytest.raises(LockNotFree, match=r"it holds .*lock"),
            exclusively(tmp_path / "lock", ME, within_s=0.05, on_wait=lambda: waits.append(1)),
        ):
            pytest.fail("the lock was given twice")

    assert waits == [1]


def test_lock_does_not_follow_a_link(tmp_path: Path) -> None:
    (tmp_path / "lock").symlink_to(tmp_path / "elsewhere")

    with pytest.raises(OSError, match="symbolic links"):
        FileLock(tmp_path / "lock", ME)

    assert not (tmp_path / "elsewhere").exists()
