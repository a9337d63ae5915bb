import os
from pathlib import Path

from storefront.embedded.accounts import Account
from storefront.embedded.locks import FileLock
from storefront.embedded.spawning import LOG_LIMIT_BYTES, log_tail, spawn

ME = Account(os.geteuid(), os.getegid(), is_dropped_to=False)


def test_spawned_program_holds_its_lock_for_life_and_sees_nothing_of_our_environment(tmp_path: Path) -> None:
    log = tmp_path / "log"
    os.environ["SECRET_OF_THE_TEST"] = "x"

    with FileLock(tmp_path / "lock", ME) as lock:
        lock.try_exclusive()
        pid = spawn(["/bin/sh", "-c", "env; sleep .2"], log=log, lock=lock, account=ME)
    with FileLock(tmp_path / "lock", ME) as lock:
        is_free_before = lock.try_exclusive()
        os.waitpid(pid, 0)
        is_free_after = lock.try_exclusive()
    del os.environ["SECRET_OF_THE_TEST"]

    assert (is_free_before, is_free_after) == (False, True)
    assert "TZ=UTC" in log.read_text()
    assert "SECRET" not in log.read_text()


def test_log_past_its_limit_is_set_aside_at_the_next_start(tmp_path: Path) -> None:
    log = tmp_path / "server.log"
    log.write_bytes(b"x" * (LOG_LIMIT_BYTES + 1))

    with FileLock(tmp_path / "lock", ME) as lock:
        os.waitpid(spawn(["/bin/echo", "new"], log=log, lock=lock, account=ME), 0)

    assert log.read_text() == "new\n"
    assert (tmp_path / "server.log.1").stat().st_size == LOG_LIMIT_BYTES + 1


def test_log_tail_is_the_end_of_a_long_log(tmp_path: Path) -> None:
    log = tmp_path / "server.log"
    log.write_text("".join(f"line {number}\n" for number in range(10_000)))

    tail = log_tail(log)

    assert tail.endswith("line 9999")
    assert len(tail.splitlines()) == 16
