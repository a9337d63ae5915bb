import os
import subprocess
import sys

import pytest

# Asks the libraries that came with numpy and scipy how many threads they would use.
ASK = """
import ctypes, sys
from pathlib import Path
exec(sys.argv[1])
import numpy, scipy.linalg
maps = Path("/proc/self/maps").read_text().split("\\n")
libraries = {line.split()[-1] for line in maps if "openblas" in line}
names = [f"{prefix}openblas_get_num_threads{suffix}" for prefix in ("scipy_", "") for suffix in ("64_", "")]
for path in sorted(libraries):
    library = ctypes.CDLL(path)
    print(next(getattr(library, name)() for name in names if hasattr(library, name)))
"""
NAMES = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "GOTO_NUM_THREADS", "MKL_NUM_THREADS")


def ask_threads(entrance: str, **given: str) -> list[int]:
    environment = {name: value for name, value in os.environ.items() if name not in NAMES}
    command = [sys.executable, "-c", ASK, entrance]
    answer = subprocess.run(command, env={**environment, **given}, capture_output=True, text=True, check=True)
    return [int(line) for line in answer.stdout.split()]


@pytest.mark.skipif(sys.platform != "linux", reason="Only Linux tells a process which libraries it holds.")
@pytest.mark.skipif((os.cpu_count() or 1) < 2, reason="On one core every library takes one thread anyway.")
@pytest.mark.parametrize(
    "entrance",
    [
        "import storefront.wsgi",
        "from storefront.celery import app; app.loader.import_default_modules()",
        "import recommendations.server.wsgi",
    ],
    ids=["web", "worker and trainer", "wire server"],
)
def test_every_process_that_asks_or_trains_models_calculates_in_one_thread(entrance: str) -> None:
    threads = ask_threads(entrance)

    assert set(threads) == {1}


@pytest.mark.skipif(sys.platform != "linux", reason="Only Linux tells a process which libraries it holds.")
@pytest.mark.skipif((os.cpu_count() or 1) < 2, reason="On one core every library takes one thread anyway.")
def test_a_deployment_may_give_calculations_more_threads() -> None:
    threads = ask_threads("import storefront.wsgi", OPENBLAS_NUM_THREADS="2")

    assert set(threads) == {2}
