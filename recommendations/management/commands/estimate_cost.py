"""Estimates what rotations cost in a month on Amazon Personalize, and what this month has cost so far."""

import json
from argparse import ArgumentParser
from collections.abc import Mapping
from dataclasses import asdict, fields, replace
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.table import Table

from recommendations import conf
from recommendations.adapters import ledger
from recommendations.adapters.personalize.costs import Estimate, Plan, Prices, estimate_month
from recommendations.exceptions import InvalidInput
from recommendations.models import Rotation
from recommendations.pipeline.cost_plans import BYTES_A_ROW, plan_of

TABLE_WIDTH = 100
NUMBERS = {
    "n_interactions": ("interactions", int, "interactions that a training learns from"),
    "n_bytes": ("bytes", int, "bytes that a retrain imports (default: as many for each interaction as the shop's own)"),
    "n_retrains": ("retrains", float, "retrains in the month"),
    "requests_per_s": ("requests-per-second", float, "lists asked for a second, over the whole month"),
    "peak_ratio": ("peak-ratio", float, "the busiest hour's traffic by the mean, 1 to 2"),
    "min_tps": ("min-tps", float, "requests a second that a campaign provides and bills at least"),
    "overlap_h": ("overlap-hours", float, "hours that a new campaign exists beside the one it replaces"),
    "n_events": ("events", int, "events sent in the month"),
}


class Command(BaseCommand):
    help = (
        "Estimate a month on Amazon Personalize: imports, trainings and campaigns of each rotation, from the shop's "
        "own interactions and traffic. Every option below replaces one of those figures. Nothing is asked of Amazon."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("rotations", nargs="*", metavar="ROTATION", help="keys (default: every active rotation)")
        parser.add_argument("--recipe", help="as if the rotations were of this recipe")
        for name, (option, kind, told) in NUMBERS.items():
            parser.add_argument(f"--{option}", dest=name, type=kind, metavar="N", help=told)
        parser.add_argument(
            "--price",
            action="append",
            default=[],
            metavar="NAME=USD",
            help=f"a price that differs: {', '.join(each.name for each in fields(Prices))}",
        )
        parser.add_argument("--json", action="store_true", help="print one JSON object, nothing else")

    def handle(self, *, rotations: list[str], recipe: str | None, price: list[str], **options: Any) -> None:
        given = {name: options[name] for name in NUMBERS if options[name] is not None}
        if recipe is not None:
            given["recipe"] = recipe
        try:
            prices = Prices.parse({**conf.prices(), **_parse_prices(price)})
            plans = {key: _replace(plan, given) for key, plan in _plans(rotations).items()}
            estimates = {key: estimate_month(plan, prices) for key, plan in plans.items()}
        except InvalidInput as error:
            raise CommandError(str(error)) from error
        if options["json"]:
            self.stdout.write(json.dumps(_facts(plans, estimates)))
            return
        for key, plan in plans.items():
            self.stdout.write(_table(key, plan, estimates[key]))
        total = sum(estimate.usd for estimate in estimates.values())
        self.stdout.write(f"In all about {total:,.2f} USD a month; tax and discounts are left out.")
        self.stdout.write(_this_month())


def _replace(plan: Plan, given: Mapping[str, Any]) -> Plan:
    """The plan with other figures; other interactions bring as many bytes each as the shop's own, or those given."""
    n_rows = given.get("n_interactions")
    if n_rows is None or "n_bytes" in given:
        return replace(plan, **given)
    bytes_a_row = plan.n_bytes / plan.n_interactions if plan.n_interactions else BYTES_A_ROW
    return replace(plan, **given, n_bytes=round(n_rows * bytes_a_row))


def _plans(keys: list[str]) -> dict[str, Plan]:
    found = {each.key: each for each in Rotation.objects.all()}
    unknown = [key for key in keys if key not in found]
    if unknown:
        raise InvalidInput(f"rotation {unknown[0]!r} is unknown; use one of: {', '.join(found)}.")
    return {key: plan_of(each) for key, each in found.items() if key in keys or (not keys and each.is_active)}


def _parse_prices(given: list[str]) -> dict[str, float]:
    prices = {}
    for each in given:
        name, _, usd = each.partition("=")
        try:
            prices[name] = float(usd)
        except ValueError:
            raise InvalidInput(f"--price {each!r}; give NAME=USD, gb=0.05 for example.") from None
    return prices


def _facts(plans: dict[str, Plan], estimates: dict[str, Estimate]) -> dict[str, Any]:
    month = ledger.month_at(conf.now())
    return {
        "rotations": {
            key: {
                "usd": estimate.usd,
                "lines": [asdict(line) for line in estimate.lines],
                "plan": asdict(plans[key]),
            }
            for key, estimate in estimates.items()
        },
        "usd": sum(estimate.usd for estimate in estimates.values()),
        "this_month": {"spent": month.spent, "reserved": month.reserved, "budget": conf.monthly_budget_usd() or None},
    }


def _table(key: str, plan: Plan, estimate: Estimate) -> str:
    heading = (
        f"{key}: {plan.recipe}, {plan.n_interactions:,} interactions, {plan.n_retrains:.1f} retrains, "
        f"{plan.requests_per_s:.3g} requests a second"
    )
    table = Table(show_footer=True)
    table.add_column("a month of", "all")
    table.add_column("quantity", "", justify="right")
    table.add_column("unit", "")
    table.add_column("USD", f"{estimate.usd:,.2f}", justify="right")
    for line in estimate.lines:
        table.add_row(line.what, f"{line.quantity:,.2f}", line.unit, f"{line.usd:,.2f}")
    console = Console(width=TABLE_WIDTH, highlight=False)
    with console.capture() as captured:
        console.print(table)
    return f"{heading}\n{captured.get()}"


def _this_month() -> str:
    month, budget = ledger.month_at(conf.now()), conf.monthly_budget_usd()
    bound = f"of a budget of {budget:,.2f}" if budget else "no budget is set (PERSONALIZE_MONTHLY_BUDGET_USD)"
    return (
        f"This month so far: {month.spent:,.2f} USD spent and {month.reserved:,.2f} kept for open campaigns until "
        f"{month.ends_at:%Y-%m-%d}; {bound}."
    )
