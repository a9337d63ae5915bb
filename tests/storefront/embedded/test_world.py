import os
import subprocess
import sys
from pathlib import Path

import pytest

from storefront.embedded import ensure_running
from storefront.embedded.errors import WorldNotOurs
from storefront.embedded.world import prepare_world
from tests.storefront.embedded.conftest import CHECKOUT, processes_of, read, write

AS_NOBODY = """
import os, sys
from pathlib import Path
from storefront.embedded import EmbeddedServerError, ensure_running
os.setgroups([]); os.setgid(65534); os.setuid(65534)
try:
    ensure_running(Path(sys.argv[1])).release()
except EmbeddedServerError as error:
    print(error.code, error)
"""


@pytest.mark.parametrize("name", ["deep/" * 20 + "shop", "Ünïcode, 100% shop"])
def test_world_with_a_path_no_socket_can_have_uses_a_short_folder_and_removes_it(tmp_path: Path, name: str) -> None:
    world_dir = tmp_path / name / "var" / "test"

    with ensure_running(world_dir) as servers:
        write(servers, 1)
        kept = read(servers)
        socket_dir = servers.valkey_socket.parent
        mode = socket_dir.stat().st_mode & 0o777

    assert kept == [1]
    assert len(str(servers.valkey_socket)) < 60
    assert mode == 0o700
    assert not socket_dir.exists()
    assert processes_of(world_dir) == []


def test_world_refuses_a_socket_folder_that_is_open_to_others(tmp_path: Path) -> None:
    world = prepare_world(tmp_path / ("deep/" * 20) / "var" / "test")
    world.socket_dir.mkdir()
    world.socket_dir.chmod(0o777)

    try:
        with pytest.raises(WorldNotOurs, match="remove it"):
            world.prepare_socket_dir()
    finally:
        world.socket_dir.rmdir()


def test_world_refuses_a_file_in_its_place(tmp_path: Path) -> None:
    (tmp_path / "var").touch()

    with pytest.raises(WorldNotOurs, match="not a folder"):
        ensure_running(tmp_path / "var" / "test")


@pytest.mark.parametrize("stage", ["nothing made", "made by root"])
def test_world_of_another_user_is_named_with_the_ways_out(open_folder: Path, stage: str) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can become two users")
    world_dir = open_folder / "var" / "test"
    if stage == "made by root":
        (world_dir / "postgres").mkdir(parents=True)
        (world_dir / "run").mkdir(mode=0o700)

    command = [sys.executable, "-c", AS_NOBODY, str(world_dir)]
    said = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=True).stdout

    assert said.startswith("embedded_world_not_ours")
    assert "belongs to root (uid 0)" in said
    assert "WORLD=name" in said
    assert "chown -R 65534" in said


def test_world_lets_one_start_change_nothing_for_the_next(tmp_path: Path) -> None:
    first, second = tmp_path / "one" / "var" / "test", tmp_path / "two" / "var" / "test"

    with ensure_running(first) as one, ensure_running(second) as two:
        write(one, 1)
        write(two, 2)
        kept = (read(one), read(two))

    assert kept == ([1], [2])
