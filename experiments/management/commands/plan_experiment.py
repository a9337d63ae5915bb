"""How many shoppers and weeks an experiment needs, from what is measured today."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from rich.console import RenderableType
from rich.table import Table

from experiments.exceptions import ExperimentsError
from experiments.formats import write_count, write_share, write_value
from experiments.management.reports import render
from experiments.models import Experiment
from experiments.planner.drafts import Given, find_wish, make_plan, write_plan
from experiments.planner.sizing import PlanError
from experiments.planner.values import Baseline, SizePlan, Wish
from experiments.shares import parse_percent


class Command(BaseCommand):
    help = (
        "Plan an experiment: plan_experiment [KEY] [--metric KEY] [--mde 5] [--use]. Measures the metric's baseline, "
        "or takes --baseline, and tells sample size, weeks and what each week can find; --use writes it into the draft."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("key", nargs="?", help="an experiment whose draft says what is asked")
        parser.add_argument("--metric", help="the metric's key (default: the draft's primary one)")
        parser.add_argument("--mde", help="smallest relative effect worth finding, in percent: 5 or 5%%")
        parser.add_argument("--alpha", type=float, help="significance level (default: the draft's, or 0.05)")
        parser.add_argument("--power", type=float, help="chance to find it (default: the draft's, or 0.8)")
        parser.add_argument("--coverage", help="share of shoppers in the test, in percent (default: 60)")
        parser.add_argument("--baseline", type=float, help="control's value, instead of measuring it")
        parser.add_argument("--deviation", type=float, help="with --baseline: its standard deviation per shopper")
        parser.add_argument("--daily", type=int, help="with --baseline: new shoppers a day")
        parser.add_argument("--use", action="store_true", help="write the plan into the draft")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        try:
            experiment = _find(options["key"]) if options["key"] else None
            metric = options["metric"] or (experiment.primary_metric if experiment is not None else "")
            if not metric:
                raise CommandError("Which metric? Give --metric, or the key of a draft that names its primary one.")
            if options["use"] and experiment is None:
                raise CommandError("--use writes into a draft: give its key.")
            wish = find_wish(experiment, **_read_wish(options))
            baseline, plan = make_plan(metric, wish, _read_given(options))
            self._print(baseline, wish, plan)
            if options["use"] and experiment is not None:
                written = write_plan(experiment.key, wish=wish, plan=plan)
                end = f"{written.planned_end_at:%Y-%m-%d}" if written.planned_end_at else "not set"
                self.stdout.write(f"Written into {experiment.key}; planned end {end}.")
        except ExperimentsError as error:
            raise CommandError(f"{error} [{error.code}]") from error
        except PlanError as error:
            raise CommandError(str(error)) from error

    def _print(self, baseline: Baseline, wish: Wish, plan: SizePlan) -> None:
        source = "given by hand"
        if baseline.since is not None:
            source = f"measured on {write_count(baseline.n_units)} shoppers, {baseline.window_days} days each"
        weeks = f"{plan.weeks} weeks" if plan.weeks is not None else f"not known. {plan.reason}"
        facts = Table.grid(padding=(0, 2))
        for label, value in (
            ("Metric", f"{baseline.metric}, today {write_value(baseline.value, baseline.unit)} ({source})"),
            ("To find", f"{write_share(wish.mde)} relative, power {wish.power:.0%}, level {wish.alpha:g}"),
            ("In the test", f"{write_share(wish.coverage_share)} of shoppers, {1 + wish.n_treatments} variations"),
            ("Shoppers", f"{write_count(plan.n_each)} in each variation, {write_count(plan.n_total)} in all"),
            ("Duration", weeks),
        ):
            facts.add_row(label, value)
        parts: list[RenderableType] = [facts]
        if plan.mde_by_week:
            table = Table(title="Smallest effect found", title_justify="left")
            table.add_column("Weeks", justify="right")
            table.add_column("Relative", justify="right")
            for week, mde in plan.mde_by_week:
                mark = "  <- the plan" if week == plan.weeks else ""
                table.add_row(str(week), f"{write_share(mde)}{mark}")
            parts.append(table)
        self.stdout.write(render(*parts, is_terminal=self.stdout.isatty()))


def _find(key: str) -> Experiment:
    return Experiment.objects.prefetch_related("variations").by_key(key)


def _read_wish(options: dict[str, Any]) -> dict[str, Any]:
    return {
        "mde": _read_share(options["mde"], "mde"),
        "alpha": _read_between(options["alpha"], "alpha", 0.0, 0.5),
        "power": _read_between(options["power"], "power", 0.0, 1.0),
        "coverage_share": _read_share(options["coverage"], "coverage"),
    }


def _read_share(text: str | None, name: str) -> float | None:
    if text is None:
        return None
    try:
        share = parse_percent(text) / 10_000
    except ValueError as error:
        raise CommandError(f"--{name}: {error}") from error
    if share <= 0:
        raise CommandError(f"--{name} is 0. Give more, for example 5.")
    return share


def _read_between(value: float | None, name: str, low: float, high: float) -> float | None:
    if value is not None and not low < value < high:
        raise CommandError(f"--{name} is {value:g}. Give more than {low:g} and less than {high:g}.")
    return value


def _read_given(options: dict[str, Any]) -> Given | None:
    if options["baseline"] is None:
        if options["deviation"] is not None or options["daily"] is not None:
            raise CommandError("--deviation and --daily go with --baseline: give it too.")
        return None
    if options["daily"] is not None and options["daily"] < 1:
        raise CommandError("--daily is below 1. Give the new shoppers of a day.")
    return Given(options["baseline"], options["deviation"], options["daily"])
