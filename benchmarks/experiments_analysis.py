"""The analysis of an experiment: a full look, the minute's looks after it, and what the results page reads.

Run it alone with `python -m benchmarks.experiments_analysis`; `--exposures 1000000 --interactions 10000000` is the size
that the bars are for. It works on a scratch database of its own; beside the interactions there are two homepage views
of each unit, two lists a view and an impression a list.
"""

import argparse
import os
import resource
import sys
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from experiments.models import Phase

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "storefront.settings")
os.environ.setdefault("WORLD", "bench_analysis")

DAYS = 14
N_MINUTES = 3
N_HISTORY = 400
BATCH_ROWS = 1_000_000
BAR_EXPOSURES, BAR_INTERACTIONS = 1_000_000, 10_000_000
BARS_S = {"full look": 60.0, "minute's look": 5.0, "results page": 2.0}

MAKE_ID = """
CREATE FUNCTION bench_id(at timestamptz, seed text) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$
    SELECT (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || '7' || substr(md5(seed), 1, 3) || '8'
            || substr(md5(seed), 4, 15))::uuid
$$
"""
# Unit n: when it was first seen, spread evenly from start to end.
UNITS = """(
    SELECT n, md5(n::text) AS key, %(start)s::timestamptz
           + (%(end)s::timestamptz - %(start)s::timestamptz) * (n::float8 / %(n_units)s) AS first_at
    FROM generate_series(%(from)s::bigint, %(to)s::bigint - 1) AS n
) AS u"""
EXPOSURES = f"""
INSERT INTO experiments_exposure
    (phase_id, unit, is_forced, variation_id, first_at, is_crossover, is_merged, is_triggered, attributes, changed_in)
SELECT %(phase)s, u.key, false, (%(variations)s::bigint[])[1 + u.n %% 2], u.first_at, u.n %% 200 = 7, false,
       u.n %% 3 > 0,
       jsonb_build_object('device', (ARRAY['phone', 'desktop'])[1 + (u.n / 2) %% 2],
                          'signed_in', (ARRAY['yes', 'no'])[1 + (u.n / 4) %% 2], 'history', 'returning'), 0
FROM {UNITS}
"""
PAGES = f"""
INSERT INTO recommendations_pageserved
    (page_view_id, shopper_key, session_id, page, status, took_ms, phase_id, variation, served_at)
SELECT bench_id(p.at, 'page' || u.n || p.visit), u.key, 's', 'home', CASE WHEN u.n %% 97 = 3 THEN 500 ELSE 200 END,
       20 + u.n %% 300, %(phase)s, 'control', p.at
FROM {UNITS} CROSS JOIN LATERAL (
    SELECT visit, u.first_at + visit * interval '20 hours' + interval '1 second' AS at
    FROM generate_series(0, 1) AS visit
) AS p WHERE p.at < %(end)s
"""
LISTS = f"""
INSERT INTO recommendations_recommendationserved
    (recommendation_id, shopper_key, session_id, page_view_id, row, rotation, campaign_arn, backend_recommendation_id,
     phase_id, variation, rung, item_ids, served_at, took_ms, error, teams)
SELECT bench_id(p.at, p.row || u.n), u.key, 's', bench_id(p.at, 'page' || u.n || p.visit), p.row, 'home', 'arn', '',
       CASE WHEN p.row = 'recommended' THEN %(phase)s END, 'control', 'personal',
       ARRAY['BENCH-1', 'BENCH-2', 'BENCH-3', 'BENCH-4'], p.at, 10 + u.n %% 50, '', ''
FROM {UNITS} CROSS JOIN LATERAL (
    SELECT visit, row, u.first_at + visit * interval '20 hours' + interval '1 second' AS at
    FROM generate_series(0, 1) AS visit CROSS JOIN (VALUES ('recommended'), ('most-popular')) AS rows (row)
) AS p WHERE p.at < %(end)s
"""
IMPRESSIONS = f"""
INSERT INTO recommendations_impression (impression_id, recommendation_id, page_view_id, shopper_key, rank, seen_at)
SELECT bench_id(p.at, 'seen' || p.row || u.n), bench_id(p.at, p.row || u.n), bench_id(p.at, 'page' || u.n || p.visit),
       u.key, 1, p.at + interval '2 seconds'
FROM {UNITS} CROSS JOIN LATERAL (
    SELECT visit, row, u.first_at + visit * interval '20 hours' + interval '1 second' AS at
    FROM generate_series(0, 1) AS visit CROSS JOIN (VALUES ('recommended'), ('most-popular')) AS rows (row)
) AS p WHERE p.at < %(end)s
"""
# Of each unit's events two come before its exposure, one is a click on a list, and every tenth unit buys.
INTERACTIONS = f"""
INSERT INTO recommendations_interaction
    (event_id, shopper_key, session_id, item_id, event_type, event_value, occurred_at, received_at, recommendation_id)
SELECT bench_id(CASE e.kind WHEN 'row_click' THEN u.first_at + interval '1 second' ELSE e.at END,
                'event' || u.n || e.j),
       u.key, 's', 'BENCH-' || 1 + u.n %% 4, e.kind, CASE WHEN e.kind = 'purchase' THEN 20 + u.n %% 400 END, e.at, e.at,
       CASE WHEN e.kind = 'row_click' THEN
           bench_id(u.first_at + interval '1 second', (ARRAY['recommended', 'most-popular'])[1 + u.n %% 2] || u.n) END
FROM {UNITS} CROSS JOIN LATERAL (
    SELECT j,
           CASE WHEN j = 2 THEN 'row_click'
                WHEN j IN (0, 3) AND u.n %% 10 = 0 THEN 'purchase' ELSE 'product_view' END AS kind,
           CASE WHEN j < 2 THEN u.first_at - (j + 1) * interval '26 hours'
                WHEN j = 2 THEN u.first_at + interval '1 minute'
                ELSE u.first_at + (%(end)s::timestamptz - u.first_at) * ((j - 2)::float8 / %(a_unit)s) END AS at
    FROM generate_series(0, %(a_unit)s - 1) AS j
) AS e WHERE e.at < %(end)s
"""
TABLES = (
    "experiments_exposure",
    "recommendations_pageserved",
    "recommendations_recommendationserved",
    "recommendations_impression",
    "recommendations_interaction",
)


def fill(phase: "Phase", n_units: int, a_unit: int, *, start: datetime, end: datetime, first: int = 0) -> None:
    """Store the facts of units that are first seen from start to end, by the database itself."""
    from django.db import connection

    variations = list(phase.experiment.variations.order_by("position").values_list("pk", flat=True))
    shared: dict[str, Any] = {"phase": phase.pk, "variations": variations, "start": start, "end": end, "a_unit": a_unit}
    with connection.cursor() as cursor:
        for begin in range(0, n_units, BATCH_ROWS // 10):
            stop = min(n_units, begin + BATCH_ROWS // 10)
            named = {**shared, "n_units": n_units + first, "from": first + begin, "to": first + stop}
            for statement in (EXPOSURES, PAGES, LISTS, IMPRESSIONS, INTERACTIONS):
                cursor.execute(statement, named)


def make_phase(start: datetime, end: datetime) -> "Phase":
    """A running phase, and the months that its facts fall into."""
    from django.db import connection

    from experiments.definitions import VariationDefinition, ensure_experiment
    from experiments.models import Phase
    from recommendations.events.partitions import ensure_partitions

    ensure_partitions(start - timedelta(days=40), end + timedelta(days=1))
    with connection.cursor() as cursor:
        cursor.execute(MAKE_ID)
    variations = (
        VariationDefinition("control", "Old", {}, is_control=True),
        VariationDefinition("treatment", "New", {}),
    )
    experiment = ensure_experiment(key="bench", name="Bench", flag_name="bench", variations=variations)
    return Phase.objects.create(
        experiment=experiment,
        number=1,
        coverage_bp=10_000,
        weights_bp=[["control", 5000], ["treatment", 5000]],
        started_at=start,
        step_started_at=start,
    )


def timed(call: Callable[[], Any]) -> tuple[float, Any]:
    """Seconds that a call took, and what it gave."""
    began_s = time.perf_counter()
    found = call()
    return time.perf_counter() - began_s, found


def read_page(phase_id: int) -> None:
    """What the results page asks of the database: the last look, the days' exposures and the history of looks."""
    from experiments import analysis
    from experiments.models import Snapshot

    snapshot = analysis.latest(phase_id)
    assert snapshot is not None
    for metric in snapshot.sums:
        analysis.read_arms(snapshot, metric)
        analysis.read_segments(snapshot, metric)
    analysis.count_exposures(phase_id)
    list(Snapshot.objects.filter(phase_id=phase_id).order_by("taken_at").values_list("taken_at", "n_units", "results"))


def make_history(phase_id: int) -> None:
    """As many older looks as a phase of two weeks has."""
    from experiments import analysis
    from experiments.models import Snapshot

    last = analysis.latest(phase_id)
    assert last is not None
    for number in range(1, N_HISTORY + 1):
        at = last.taken_at - timedelta(minutes=50 * number)
        Snapshot.objects.create(
            phase_id=phase_id, taken_at=at, watermark_at=at, n_units=last.n_units, sums=last.sums, results=last.results
        )


def measure(n_exposures: int, n_interactions: int) -> dict[str, float]:
    """Fill, look from nothing, look three minutes on, and read the page; seconds of each, the worst of the looks."""
    from django.conf import settings
    from django.db import connection

    from experiments import analysis

    end = settings.CLOCK.now()
    start, a_unit = end - timedelta(days=DAYS), max(4, n_interactions // n_exposures)
    phase = make_phase(start, end)
    filled_s, _ = timed(lambda: fill(phase, n_exposures, a_unit, start=start, end=end))
    with connection.cursor() as cursor:
        cursor.execute(f"VACUUM ANALYZE {', '.join(TABLES)}")
    print(f"filled in {filled_s:.0f} s", flush=True)
    full_s, snapshot = timed(lambda: analysis.rebuild(phase.pk, end))
    print(f"full look {full_s:.1f} s of {snapshot.total_units:,} units", flush=True)
    minutes_s = []
    for number in range(1, N_MINUTES + 1):
        now = end + timedelta(minutes=number)
        a_minute = max(1, n_exposures // (DAYS * 1440))
        fill(phase, a_minute, a_unit, start=now - timedelta(minutes=1), end=now, first=n_exposures + number * a_minute)
        minute_s, _ = timed(lambda now=now: analysis.take_snapshot(phase.pk, now))  # type: ignore[misc]
        minutes_s.append(minute_s)
        print(f"minute's look {minute_s:.2f} s", flush=True)
    make_history(phase.pk)
    page_s, _ = timed(lambda: read_page(phase.pk))
    print(f"results page {page_s:.2f} s", flush=True)
    return {"full look": full_s, "minute's look": max(minutes_s), "results page": page_s}


def main(n_exposures: int, n_interactions: int) -> int:
    """Print the table; 1 where a bar of the full size was missed."""
    import django

    django.setup()
    from django.db import connection

    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    try:
        found = measure(n_exposures, n_interactions)
    finally:
        connection.creation.destroy_test_db(connection.settings_dict["NAME"], verbosity=0)
    print(f"\n{n_exposures:,} exposures, {n_interactions:,} interactions")
    for name, took_s in found.items():
        print(f"  {name:<14} {took_s:>7.2f} s   bar {BARS_S[name]:>4.0f} s")
    print(f"  peak of this process {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")
    is_full = n_exposures >= BAR_EXPOSURES and n_interactions >= BAR_INTERACTIONS
    return int(is_full and any(took_s > BARS_S[name] for name, took_s in found.items()))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--exposures", type=int, default=100_000)
    parser.add_argument("--interactions", type=int, default=1_000_000)
    options = parser.parse_args()
    from storefront.bundled import bundled_servers

    with bundled_servers():
        code = main(options.exposures, options.interactions)
    sys.exit(code)
