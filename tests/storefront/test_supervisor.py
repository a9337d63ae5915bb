"""The supervisor: lines behind names, fresh starts with an end, and nobody left behind."""

import io
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from storefront import supervisor
from storefront.supervisor import GaveUp, Supervisor

SLEEP = "import time; time.sleep(60)"


@pytest.fixture(autouse=True)
def _hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "STAGGER_S", 0.0)
    monkeypatch.setattr(supervisor, "LOOK_EVERY_S", 0.02)
    monkeypatch.setattr(supervisor, "WATCH_EVERY_S", 0.02)


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def wait_until(is_so: Callable[[], bool], within_s: float = 60.0) -> None:
    deadline_s = time.monotonic() + within_s
    while not is_so():
        assert time.monotonic() < deadline_s, "it did not happen in time"
        time.sleep(0.02)


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except FileNotFoundError:
        return False


@contextmanager
def meanwhile(supervised: Supervisor, deed: Callable[[], None]) -> Iterator[list[BaseException]]:
    """Do something beside the supervisor, which needs the main thread for its signals, and stop it then."""
    faults: list[BaseException] = []

    def act() -> None:
        try:
            deed()
        except BaseException as error:  # noqa: BLE001 - handed to the test
            faults.append(error)
        finally:
            supervised.stop()

    thread = threading.Thread(target=act)
    thread.start()
    yield faults
    thread.join()
    assert faults == []


def test_lines_stand_behind_the_name_of_their_process() -> None:
    output = io.StringIO()
    supervised = Supervisor(
        {"web": python(f"print('hello'); {SLEEP}"), "beat": python(f"print('tick'); {SLEEP}")},
        environment={"PYTHONUNBUFFERED": "1"},
        output=output,
    )

    with meanwhile(supervised, lambda: wait_until(lambda: output.getvalue().count("\n") == 2)):
        supervised.run()

    assert sorted(line[9:] for line in output.getvalue().splitlines()) == ["beat   | tick", "web    | hello"]


def test_processes_find_the_projects_files_from_wherever_it_was_started(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    output = io.StringIO()
    code = f"from pathlib import Path; print(Path('manage.py').exists(), flush=True); {SLEEP}"
    supervised = Supervisor({"web": python(code)}, environment={}, output=output)

    with meanwhile(supervised, lambda: wait_until(lambda: "\n" in output.getvalue())):
        supervised.run()

    assert output.getvalue().split()[1:] == ["web", "|", "True"]


def test_killed_process_is_started_again_and_takes_its_children_along(tmp_path: Path) -> None:
    log = tmp_path / "pids"
    code = f"import os, subprocess, sys; child = subprocess.Popen([sys.executable, '-c', '{SLEEP}'])\n"
    code += f"open({str(log)!r}, 'a').write(f'{{os.getpid()}} {{child.pid}}\\n'); child.wait()"
    output = io.StringIO()
    supervised = Supervisor({"worker": python(code)}, environment={}, output=output)

    def pids() -> list[list[int]]:
        return [[int(pid) for pid in line.split()] for line in log.read_text().splitlines()] if log.exists() else []

    def kill() -> None:
        wait_until(lambda: len(pids()) == 1)
        os.kill(pids()[0][0], signal.SIGKILL)
        wait_until(lambda: len(pids()) == 2)

    with meanwhile(supervised, kill):
        supervised.run()

    assert "worker ended (SIGKILL); starting it again" in output.getvalue()
    wait_until(lambda: not any(is_alive(pid) for pair in pids() for pid in pair))


def test_process_that_cannot_run_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "FIRST_PAUSE_S", 0.01)
    output = io.StringIO()
    supervised = Supervisor(
        {"web": python(SLEEP), "beat": python("raise SystemExit('no broker')")}, environment={}, output=output
    )

    with pytest.raises(GaveUp, match="beat ended 5 times within 30 s"):
        supervised.run()

    assert output.getvalue().count("no broker") >= 4
    assert "beat   | no broker" in output.getvalue()


def test_signal_stops_all_and_the_stubborn_too(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(supervisor, "GRACE_S", 0.5)
    ready = tmp_path / "ready"
    stubborn = (
        f"import signal, pathlib; signal.signal(signal.SIGTERM, signal.SIG_IGN); pathlib.Path({str(ready)!r}).touch()"
    )
    supervised = Supervisor({"trainer": python(f"{stubborn}; {SLEEP}")}, environment={}, output=io.StringIO())
    before = signal.getsignal(signal.SIGTERM)

    def interrupt() -> None:
        wait_until(ready.exists)
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(0.2)

    with meanwhile(supervised, interrupt):
        supervised.run()

    child = supervised._children[0].process
    assert child is not None
    assert child.returncode == -signal.SIGKILL
    assert signal.getsignal(signal.SIGTERM) is before


def test_watch_is_asked_and_given_up_too(monkeypatch: pytest.MonkeyPatch) -> None:
    output = io.StringIO()
    supervised = Supervisor({"web": python(SLEEP)}, environment={}, watch=lambda: ["PostgreSQL"], output=output)

    with pytest.raises(GaveUp, match="PostgreSQL ended 5 times"):
        supervised.run()

    assert output.getvalue().count("PostgreSQL had ended and was started again") == 5


def test_ends_of_two_things_are_counted_apart() -> None:
    asked = iter([["PostgreSQL", "Valkey"]] * 4)
    supervised = Supervisor(
        {"web": python(SLEEP)}, environment={}, watch=lambda: next(asked, []), output=(output := io.StringIO())
    )

    with meanwhile(supervised, lambda: wait_until(lambda: output.getvalue().count("Valkey had ended") == 4)):
        supervised.run()

    assert output.getvalue().count("PostgreSQL had ended") == 4
