"""An open-loop load on one page: requests start on time whether or not earlier ones have come back."""

import http.client
import itertools
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import numpy as np

WORKERS = 24


@dataclass
class LoadReport:
    """What came back; latencies count from the moment a request was due, so that waiting is never left out."""

    latencies_s: list[float] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    @property
    def n_requests(self) -> int:
        return len(self.latencies_s) + len(self.failures)

    def percentile_ms(self, percent: float) -> float:
        return float(np.percentile(self.latencies_s, percent) * 1000) if self.latencies_s else float("nan")


def drive(url: str, *, rate: float, seconds: float, cookies: Sequence[str] = ()) -> LoadReport:
    """Ask for a page at a steady rate.

    Args:
        url: an address on this machine.
        rate: requests a second.
        seconds: for how long.
        cookies: Cookie headers, one a worker in turn; without any, each worker keeps what it is given.

    Returns:
        Every latency and every failure (no answer, or a status other than 200).
    """
    target = urlsplit(url)
    assert target.hostname in {"127.0.0.1", "localhost", "::1"}, "Load goes to this machine alone."
    report, lock, turns = LoadReport(), threading.Lock(), itertools.count()
    started, total = time.monotonic() + 0.2, int(rate * seconds)

    def work(worker: int) -> None:
        connection = http.client.HTTPConnection(target.hostname or "", target.port, timeout=30)
        cookie = cookies[worker % len(cookies)] if cookies else ""
        while (turn := next(turns)) < total:
            due = started + turn / rate
            time.sleep(max(0.0, due - time.monotonic()))
            try:
                connection.request("GET", target.path or "/", headers={"Cookie": cookie} if cookie else {})
                answer = connection.getresponse()
                answer.read()
                fault = "" if answer.status == 200 else f"status {answer.status}"
                given = answer.getheader("Set-Cookie")
                if given and not cookies:
                    cookie = given.split(";", 1)[0]
            except OSError as error:
                fault = repr(error)
                connection.close()
            except http.client.HTTPException as error:
                fault = repr(error)
                connection.close()
            took = time.monotonic() - due
            with lock:
                if fault:
                    report.failures.append(fault)
                else:
                    report.latencies_s.append(took)
        connection.close()

    threads = [threading.Thread(target=work, args=(worker,), daemon=True) for worker in range(WORKERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return report
