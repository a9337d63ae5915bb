"""Export: once the store is past the watermark, the window up to it becomes three CSV files, looked over by gates."""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from types import MappingProxyType

from redis.exceptions import RedisError

from recommendations import conf
from recommendations.events.streams import open_stream
from recommendations.exceptions import StreamUnavailable
from recommendations.models import RetrainRun
from recommendations.pipeline.archive.place import open_place
from recommendations.pipeline.context import Done, Failed, Outcome, StepContext, Waiting
from recommendations.pipeline.etl.earlier import median_rows, with_drift
from recommendations.pipeline.etl.exporting import export_datasets
from recommendations.pipeline.etl.report import DataReport
from recommendations.pipeline.gates.bounds import GateBounds
from recommendations.pipeline.gates.data import check_row_count, check_schema_errors
from recommendations.pipeline.gates.judging import judge
from recommendations.ports import DatasetType

STORE = "store"
# What was received just before the watermark may take this long to be in the stream.
SETTLE = timedelta(seconds=0.5)
STORE_IS_BEHIND = "the store takes in what came before the watermark"
SUFFIXES: Mapping[DatasetType, str] = MappingProxyType(
    {DatasetType.INTERACTIONS: "", DatasetType.ITEMS: "-items", DatasetType.USERS: "-users"}
)


def run(context: StepContext) -> Outcome:
    """Write the files, or say what is waited for."""
    watermark_at, window_start_at = context.run.watermark_at, context.run.window_start_at
    if watermark_at is None or window_start_at is None:
        return Failed("The run has no watermark.", f"Abandon it: manage.py retrain {context.rotation.key} --abandon.")
    # A wrong bound is told before anything is built.
    bounds = GateBounds.parse(context.rotation.gates)
    if context.now() < watermark_at + SETTLE:
        return Waiting("the watermark has not passed yet")
    waiting = _wait_for_store(context)
    if waiting is not None:
        return waiting
    report = export_datasets(
        context.rotation,
        export_paths(context.run),
        since=window_start_at,
        until=watermark_at,
        archive=open_place() if conf.retrains_from_archive() else None,
        progress=context.progress,
    )
    return _answer(context, with_drift(context.run, report), bounds)


def export_path(run: RetrainRun, dataset_type: DatasetType = DatasetType.INTERACTIONS) -> Path:
    """Return where a run's file of a dataset lies."""
    return conf.exports_dir() / f"{run.resource_name}{SUFFIXES[dataset_type]}.csv"


def export_paths(run: RetrainRun) -> Mapping[DatasetType, Path]:
    """Return where a run's files lie."""
    return {dataset_type: export_path(run, dataset_type) for dataset_type in DatasetType}


def remove_exports(run: RetrainRun) -> None:
    """Delete a run's files, which hold what shoppers did; none need be there."""
    for path in export_paths(run).values():
        path.unlink(missing_ok=True)


def _wait_for_store(context: StepContext) -> Waiting | None:
    position = context.run.report.get("export", {}).get("stream_position")
    try:
        stream = open_stream()
        if position is None:
            # Kept, so that a busy stream's end is not chased for ever.
            return Waiting(STORE_IS_BEHIND, {"stream_position": stream.position()})
        if not stream.has_passed(STORE, position):
            return Waiting(STORE_IS_BEHIND)
    except RedisError as error:
        raise StreamUnavailable(f"The event stream is out of reach: {error}.") from error
    return None


def _answer(context: StepContext, report: DataReport, bounds: GateBounds) -> Outcome:
    counts = report.datasets[DatasetType.INTERACTIONS]
    path = export_path(context.run)
    figures = {"n_rows": counts.n_exported, "n_bytes": counts.n_bytes, "file": path.name, "data": report.to_json()}
    if counts.n_exported == 0:
        return Failed(
            f"No interaction with a listed product between {report.window_start_at[:10]} and "
            f"{report.watermark_at[:10]}; {counts.n_read:,} were read.",
            "Import interactions, or widen RETRAIN_WINDOW_DAYS; check the world's clock if the data are old.",
            figures,
        )
    gates = [
        check_schema_errors(report, bounds),
        check_row_count(report, median_rows(context.run, report), bounds),
    ]
    kept, failure = judge(context.run, gates, figures)
    if failure is not None:
        return failure
    n_dropped = sum(counts.dropped.values())
    return Done(
        f"{counts.n_exported:,} interactions of {report.n_users:,} shoppers, {n_dropped:,} left out", figures=kept
    )
