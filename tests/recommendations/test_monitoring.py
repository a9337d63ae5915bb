import os
import subprocess
import sys
from pathlib import Path

from prometheus_client import generate_latest

from recommendations import monitoring

ONE_PAGE = """
import os, sys
from recommendations import monitoring
for _ in range(3):
    monitoring.page_served("home", 200, 0.02)
monitoring.list_served("recommended", "personal")
monitoring.breaker_changed(is_open=True)
if sys.argv[1] == "fork":
    pid = os.fork()
    if pid == 0:
        monitoring.page_served("home", 200, 0.02)
        os._exit(0)
    os.waitpid(pid, 0)
"""


def run_process(folder: Path, *arguments: str) -> None:
    environment = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(folder)}
    subprocess.run([sys.executable, "-c", ONE_PAGE, *arguments], env=environment, check=True, timeout=300)


def test_counts_of_all_processes_and_their_children_are_summed(tmp_path: Path) -> None:
    run_process(tmp_path, "alone")
    run_process(tmp_path, "fork")

    text = generate_latest(monitoring.registry(tmp_path)).decode()

    assert 'shop_page_seconds_count{status="2xx",view="home"} 7.0' in text
    assert 'shop_recommendation_lists_total{row="recommended",rung="personal"} 2.0' in text


def test_breaker_of_a_dead_process_is_no_open_breaker(tmp_path: Path) -> None:
    run_process(tmp_path, "alone")

    text = generate_latest(monitoring.registry(tmp_path)).decode()

    assert "shop_breakers_open 1.0" not in text
    assert 'shop_page_seconds_count{status="2xx",view="home"} 3.0' in text


def test_without_a_folder_the_process_counts_for_itself() -> None:
    monitoring.page_served("test-alone", 404, 0.001)

    text = generate_latest(monitoring.registry(None)).decode()

    assert 'shop_page_seconds_count{status="4xx",view="test-alone"} 1.0' in text


def test_taken_tally_begins_at_zero_and_can_be_given_back() -> None:
    tally = monitoring.Tally()
    tally.add("pages", 2)

    taken = tally.take()
    tally.add("pages")
    tally.give_back(taken)

    assert (taken, tally.take(), tally.take()) == ({"pages": 2}, {"pages": 3}, {})


def test_counting_a_homepage_costs_microseconds(tmp_path: Path) -> None:
    code = """
import time
from recommendations import monitoring
def page():
    monitoring.page_served("home", 200, 0.02)
    monitoring.page_viewed()
    for row, rung in (("most-popular", "popular"), ("recommended", "personal"), ("new-releases", "catalogue")):
        monitoring.list_served(row, rung)
    monitoring.second_row_served("recommended")
    monitoring.answered("personal")
    monitoring.backend_called("embedded", 0.004)
for _ in range(1000):
    page()
best = 1e9
for _ in range(5):
    began = time.process_time()
    for _ in range(2000):
        page()
    best = min(best, (time.process_time() - began) / 2000)
print(best * 1e6)
"""
    environment = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}

    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, check=True, timeout=300, capture_output=True, text=True
    )

    # Of the processor's time. The bar is 20 us; five times as much is allowed where others use the machine.
    assert float(done.stdout) < 100
