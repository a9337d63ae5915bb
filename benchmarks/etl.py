"""The ETL: interactions exported, every row checked, and imported; seconds and peak memory at several sizes.

Run it alone with `python -m benchmarks.etl`; `--rows 100000,1000000,10000000` chooses the sizes. It works on a scratch
database of its own, and each size is measured in a process of its own, since a peak never sinks.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "storefront.settings")
os.environ.setdefault("WORLD", "bench_etl")

N_ITEMS = 2_000
ROWS_A_SHOPPER = 50
DAYS = 20
BATCH_ROWS = 1_000_000
BAR_ROWS, BAR_S = 1_000_000, 30.0
CONNECTION = ("dbname", "user", "password", "host", "port")

# One in a hundred rows is of an unlisted product, one in two hundred repeats the row before it.
FILL = """
INSERT INTO recommendations_interaction
    (event_id, shopper_key, session_id, item_id, event_type, event_value, occurred_at, received_at)
SELECT (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || '7' || substr(md5(n::text), 1, 3) || '8'
        || substr(md5(n::text), 4, 15))::uuid,
       substr(md5((told / %(rows_a_shopper)s)::text), 1, 32), 's',
       CASE WHEN n %% 100 = 99 THEN 'GONE' ELSE 'BENCH-' || ((told * 7919) %% %(n_items)s) END,
       (ARRAY['product_view', 'product_view', 'product_view', 'row_click', 'watch', 'bid', 'purchase'])[1 + told %% 7],
       CASE WHEN told %% 7 = 6 THEN 120.5 END, at, at
FROM (
    SELECT n, n - (n %% 200 = 101)::int AS told,
           %(first)s::timestamptz
           + (((n - (n %% 200 = 101)::int) %% %(rows_a_shopper)s) * interval '9 hours')
           + (((n - (n %% 200 = 101)::int) / %(rows_a_shopper)s) %% 30000) * interval '1 second' AS at
    FROM generate_series(%(start)s::bigint, %(stop)s::bigint - 1) AS n
) AS told
"""


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measure(n_rows: int) -> dict[str, Any]:
    """Export and import what the scratch database holds, once, in this process."""
    import django

    django.setup()
    from django.db import transaction

    from recommendations import conf
    from recommendations.adapters.registry import get_backend
    from recommendations.models import Rotation
    from recommendations.pipeline.etl.exporting import export_datasets
    from recommendations.ports import DatasetType

    control = get_backend("embedded").control
    now = conf.now()
    with TemporaryDirectory(prefix="bench-etl-") as folder, transaction.atomic():
        paths = {kind: Path(folder) / f"{kind.value}.csv" for kind in DatasetType}
        at_rest_mb = peak_mb()
        started_s = time.perf_counter()
        report = export_datasets(Rotation(key="bench"), paths, since=now - timedelta(days=60), until=now)
        export_s, export_mb = time.perf_counter() - started_s, peak_mb()
        name = f"bench-{n_rows}"
        group = control.ensure_dataset_group(name, tags={})
        started_s = time.perf_counter()
        jobs = {
            kind: control.ensure_import(
                f"{name}-{kind.value}", dataset_group_arn=group.arn, location=path, dataset_type=kind
            )
            for kind, path in paths.items()
        }
        import_s, import_mb = time.perf_counter() - started_s, peak_mb()
        control.delete_dataset_group(group.arn)
        transaction.set_rollback(True)
    counts = report.datasets[DatasetType.INTERACTIONS]
    return {
        "n_read": counts.n_read,
        "n_exported": counts.n_exported,
        "n_imported": jobs[DatasetType.INTERACTIONS].n_rows,
        "n_users": jobs[DatasetType.USERS].n_rows,
        "left_out": dict(counts.dropped),
        "refused": dict(counts.refused),
        "export_s": export_s,
        "import_s": import_s,
        "at_rest_mb": at_rest_mb,
        "export_mb": export_mb,
        "import_mb": import_mb,
    }


def fill(start: int, stop: int) -> None:
    """Store rows start..stop-1, by the database itself."""
    from django.conf import settings
    from django.db import connection

    first = (settings.CLOCK.now() - timedelta(days=DAYS + 1)).replace(hour=0, minute=0, second=0, microsecond=0)
    with connection.cursor() as cursor:
        for begin in range(start, stop, BATCH_ROWS):
            cursor.execute(
                FILL,
                {
                    "rows_a_shopper": ROWS_A_SHOPPER,
                    "n_items": N_ITEMS,
                    "first": first,
                    "start": begin,
                    "stop": min(stop, begin + BATCH_ROWS),
                },
            )
        cursor.execute("VACUUM ANALYZE recommendations_interaction")


def make_catalogue() -> None:
    from datetime import date

    from django.conf import settings

    from catalog.models import Brand, Category, Product
    from recommendations.events.partitions import ensure_partitions

    brand = Brand.objects.create(name="Bench", slug="bench")
    categories = [Category.objects.create(name=f"Category {n}", slug=f"category-{n}") for n in range(10)]
    Product.objects.bulk_create(
        Product(
            sku=f"BENCH-{n}",
            name=f"Product {n}",
            slug=f"product-{n}",
            brand=brand,
            category=categories[n % 10],
            released_on=date(2026, 1, 1),
            retail_price_cents=10_000 + n,
        )
        for n in range(N_ITEMS)
    )
    now = settings.CLOCK.now()
    ensure_partitions(now - timedelta(days=DAYS + 2), now)


def run_child(n_rows: int) -> dict[str, Any]:
    from django.db import connection

    parameters = {key: value for key, value in connection.get_connection_params().items() if key in CONNECTION}
    url = f"postgresql://?{'&'.join(f'{key}={value}' for key, value in parameters.items())}"
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.etl", "--measure", str(n_rows)],
        env={**os.environ, "DATABASE_URL": url},
        stdout=subprocess.PIPE,
        check=True,
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def show(figures: dict[str, Any]) -> None:
    total_s = figures["export_s"] + figures["import_s"]
    print(
        f"{figures['n_read']:>12,} {figures['n_imported']:>12,} {figures['n_users']:>9,}"
        f" {figures['export_s']:>9.1f} {figures['import_s']:>9.1f} {total_s:>8.1f}"
        f" {figures['at_rest_mb']:>8.0f} {figures['export_mb']:>10.0f} {figures['import_mb']:>10.0f}",
        flush=True,
    )


def main(sizes: list[int]) -> int:
    import django

    django.setup()
    from django.db import connection

    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    try:
        make_catalogue()
        print("        read     imported     users  export s  import s  total s  rest MB  export MB  import MB")
        found, n_stored = [], 0
        for n_rows in sorted(sizes):
            fill(n_stored, n_rows)
            n_stored = n_rows
            found.append(run_child(n_rows))
            show(found[-1])
    finally:
        connection.creation.destroy_test_db(connection.settings_dict["NAME"], verbosity=0)
    print(f"left out of the last: {found[-1]['left_out']}; refused: {found[-1]['refused'] or 'none'}")
    late = [each for each in found if each["n_read"] <= BAR_ROWS and each["export_s"] + each["import_s"] > BAR_S]
    print(f"bar: {BAR_ROWS:,} interactions within {BAR_S:.0f} s: {'missed' if late else 'met'}")
    return 1 if late else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", default="100000,1000000", help="numbers of interactions, separated by commas")
    parser.add_argument("--measure", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        print(json.dumps(measure(options.measure)))
        sys.exit(0)
    from storefront.bundled import bundled_servers

    with bundled_servers():
        code = main([int(each) for each in options.rows.replace("_", "").split(",")])
    sys.exit(code)
