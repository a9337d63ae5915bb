"""Import: the exported files into the dormant dataset group, row counts compared."""

from recommendations.pipeline.context import Done, Failed, Outcome, StepContext, Waiting
from recommendations.pipeline.steps.export import SUFFIXES, export_path
from recommendations.ports import DatasetType, ImportJob, ResourceStatus


def run(context: StepContext) -> Outcome:
    """Import every file, and compare what arrived with what was sent."""
    figures: dict[str, object] = {}
    for dataset_type in DatasetType:
        path = export_path(context.run, dataset_type)
        if not path.exists():
            return Failed(
                f"The export {path} is gone.",
                f"Start afresh: manage.py retrain {context.rotation.key} --abandon, then retrain.",
            )
        job = context.backend.control.ensure_import(
            f"{context.run.resource_name}{SUFFIXES[dataset_type]}",
            dataset_group_arn=context.deployment.dataset_group_arn,
            location=path,
            dataset_type=dataset_type,
        )
        unfinished = _unfinished(context, dataset_type, job)
        if unfinished is not None:
            return unfinished
        figures[dataset_type.value] = {"n_rows": job.n_rows, "arn": job.arn}
    counts = context.run.report["export"]
    n_rows = counts["n_rows"]
    return Done(f"{n_rows:,} of {n_rows:,} rows", figures={"n_rows": n_rows, "datasets": figures})


def _unfinished(context: StepContext, dataset_type: DatasetType, job: ImportJob) -> Failed | Waiting | None:
    key = context.rotation.key
    if job.status is ResourceStatus.FAILED:
        return Failed(
            job.failure_reason, f"Mend or add to the interactions named above, then: manage.py retrain {key}."
        )
    if job.status is not ResourceStatus.ACTIVE:
        return Waiting(f"the import of {dataset_type.value} is running")
    exported = context.run.report["export"]
    is_main = dataset_type is DatasetType.INTERACTIONS
    n_exported = exported["n_rows"] if is_main else exported["data"]["datasets"][dataset_type.value]["n_exported"]
    if job.n_rows != n_exported:
        return Failed(
            f"{n_exported:,} rows were exported and {job.n_rows or 0:,} imported"
            f"{'' if is_main else f' ({dataset_type.value})'}.",
            f"See whether something else writes to the exports, then: manage.py retrain {key}.",
        )
    return None
