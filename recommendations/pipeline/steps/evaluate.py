"""Evaluate: what the recipe foretells of held-out shoppers, beside popularity."""

from recommendations.engine.reading import read_csv
from recommendations.pipeline.context import Done, Failed, Outcome, StepContext
from recommendations.pipeline.offline import measure, to_json
from recommendations.pipeline.steps.export import export_path


def run(context: StepContext) -> Outcome:
    """Measure once; the figures go with the run and with the side it builds."""
    path = export_path(context.run)
    key = context.rotation.key
    if not path.exists():
        return Failed(f"The export {path} is gone.", f"Start afresh: manage.py retrain {key} --abandon, then retrain.")
    comparisons = measure(read_csv(path), context.rotation, progress=context.progress)
    figures = to_json(comparisons)
    note = "; ".join(each.headline() for each in comparisons if each.repeats) or "too little data to measure on"
    return Done(note, figures=figures, deployment={"metrics": figures})
