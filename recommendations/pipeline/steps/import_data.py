"""Import: the exported file into the dormant dataset group, row counts compared."""

from recommendations.pipeline.context import Done, Failed, Outcome, StepContext, Waiting
from recommendations.pipeline.steps.export import export_path
from recommendations.ports import ResourceStatus


def run(context: StepContext) -> Outcome:
    """Import the file, and compare what arrived with what was sent."""
    path = export_path(context.run)
    key = context.rotation.key
    if not path.exists():
        return Failed(f"The export {path} is gone.", f"Start afresh: manage.py retrain {key} --abandon, then retrain.")
    job = context.backend.control.ensure_import(
        context.run.resource_name, dataset_group_arn=context.deployment.dataset_group_arn, location=path
    )
    if job.status is ResourceStatus.FAILED:
        return Failed(
            job.failure_reason, f"Mend or add to the interactions named above, then: manage.py retrain {key}."
        )
    if job.status is not ResourceStatus.ACTIVE:
        return Waiting("the import is running")
    n_exported = context.run.report["export"]["n_rows"]
    if job.n_rows != n_exported:
        return Failed(
            f"{n_exported:,} rows were exported and {job.n_rows or 0:,} imported.",
            f"See whether something else writes to {path.parent}, then: manage.py retrain {key}.",
        )
    return Done(f"{job.n_rows:,} of {n_exported:,} rows", figures={"n_rows": job.n_rows, "arn": job.arn})
