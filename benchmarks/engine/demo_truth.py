"""How much of the best possible NDCG@10 each recipe reaches on the demo clickstream, whose truth is known.

python -m benchmarks.engine.demo_truth
python -m benchmarks.engine.demo_truth --recipe aws-user-personalization --recipe aws-hrnn --budget 300 --seed 2

The best possible is a ranking by the simulation's own tastes and rules. A list is not judged by the one item that the
dice then gave, but by the chance of every item to be next, so that figures hardly depend on luck.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from datetime import time as clock_time

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from catalog.generation.catalogue import generate_catalogue
from catalog.generation.products import GeneratedProduct
from recommendations.engine.attributes.metadata import Categories, Metadata
from recommendations.engine.base import Recommender
from recommendations.engine.exceptions import EngineError
from recommendations.engine.interactions import Event, Interactions
from recommendations.engine.models.blend import Blend
from recommendations.engine.recipes import OFFERED_RECIPES, build_recommender
from storefront.simulation.clickstream import Clickstream, draw_looks, simulate
from storefront.simulation.deeds import EVENT_TYPES
from storefront.simulation.parameters import SHOPPERS, Parameters, Size
from storefront.simulation.shelf import Shelf, ShelfItem, is_awaited
from storefront.simulation.truth import Truth
from storefront.simulation.visits import DAY_S

TODAY = date(2026, 11, 22)
ENDS_AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
CATALOGUE_SEED = 7
K = 10
TEST_DAYS = 7.0
N_QUESTIONS = 3_000
MOST_HISTORY = 200
N_RESAMPLES = 1_000
DISCOUNTS = 1.0 / np.log2(1.0 + np.arange(1, K + 1))
KNOWS_ALL, KNOWS_NO_TIME = "the tastes themselves", "the tastes, without a clock"


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """One look in the test time.

    Attributes:
        shopper: the shopper's number.
        history: the shopper's newest events before it.
        chances: of each item to be looked at, by the simulation; shape (n_items,).
        blind: the same for whoever does not know whether a new session has begun.
        is_released: which items there are at that moment, shape (n_items,).
        came: the item that was looked at.
    """

    shopper: int
    history: tuple[Event, ...]
    chances: NDArray[np.float64]
    blind: NDArray[np.float64]
    is_released: NDArray[np.bool_]
    came: int


@dataclass(frozen=True, slots=True, eq=False)
class Exam:
    """What is trained on, and what is asked."""

    train: Interactions
    questions: tuple[Question, ...]
    skus: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Grade:
    """How one ranking did: each question's expected gain by the true chances, and the gain of what really came."""

    name: str
    expected: NDArray[np.float64]
    realised: NDArray[np.float64]
    train_cpu_s: float = 0.0
    weights: str = ""


def build_exam(size: Size, seed: int, n_questions: int) -> Exam:
    """Simulate the demo's world, cut it, and ask about looks after the cut that were a matter of taste."""
    products = [
        product
        for product in generate_catalogue("small", CATALOGUE_SEED, TODAY).products
        if product.released_on <= TODAY
    ]
    shelf = Shelf.build([_on_shelf(product) for product in products])
    parameters = Parameters(SHOPPERS[size], seed=seed)
    stream = simulate(parameters, shelf, ends_s=ENDS_AT.timestamp())
    cut_s = ENDS_AT.timestamp() - TEST_DAYS * DAY_S
    events = _events(stream, shelf)
    train = events.take(events.timestamps < cut_s).with_metadata(_metadata(products))
    return Exam(train, _ask(parameters, shelf, stream, cut_s, n_questions), shelf.skus)


def grade_ranking(name: str, lists: Sequence[NDArray[np.intp]], exam: Exam) -> Grade:
    """Grade lists of item numbers, best first."""
    expected, realised = np.zeros(len(lists)), np.zeros(len(lists))
    for row, (ranked, question) in enumerate(zip(lists, exam.questions, strict=True)):
        gains = DISCOUNTS[: len(ranked)]
        expected[row] = float(question.chances[ranked] @ gains)
        realised[row] = float((ranked == question.came) @ gains)
    return Grade(name, expected, realised)


def grade_recipe(recipe: str, exam: Exam, budget_s: float | None, seed: int) -> Grade:
    """Train a recipe with its defaults, and grade it; everyone may only offer what is released by then."""
    model = build_recommender(recipe, seed=seed)
    started_s = time.process_time()
    model.fit(exam.train, budget_s=budget_s)
    train_cpu_s = time.process_time() - started_s
    number = {sku: item for item, sku in enumerate(exam.skus)}
    items = np.array([number[sku] for sku in model.item_ids_])
    lists = [_rank(model, question, items, number) for question in exam.questions]
    grade = grade_ranking(recipe, lists, exam)
    weights = model.taking_part() if isinstance(model, Blend) else {}
    told = ", ".join(f"{name} {weight:g}" for name, weight in weights.items())
    return Grade(recipe, grade.expected, grade.realised, train_cpu_s, told)


def grade_truth(exam: Exam) -> tuple[Grade, Grade]:
    """Grade the best possible rankings: with and without knowledge of when the next look comes."""
    knowing = [_best(question.chances) for question in exam.questions]
    blind = [_best(question.blind) for question in exam.questions]
    return grade_ranking(KNOWS_ALL, knowing, exam), grade_ranking(KNOWS_NO_TIME, blind, exam)


def share_of(grade: Grade, best: Grade, exam: Exam) -> tuple[float, float, float]:
    """Return the share of the best possible NDCG@10 and its 95% interval, drawing whole shoppers."""
    shoppers = np.array([question.shopper for question in exam.questions])
    _, cluster = np.unique(shoppers, return_inverse=True)
    mine, most = (np.bincount(cluster, each.expected) for each in (grade, best))
    generator = np.random.default_rng(0)
    draws = generator.multinomial(len(mine), np.full(len(mine), 1 / len(mine)), N_RESAMPLES)
    low, high = np.quantile((draws @ mine) / (draws @ most), [0.025, 0.975])
    return float(mine.sum() / most.sum()), float(low), float(high)


def _rank(model: Recommender, question: Question, items: NDArray[np.intp], number: dict[str, int]) -> NDArray[np.intp]:
    (ids,), _ = model.recommend([question.history], K, question.is_released[items])
    return np.array([number[item_id] for item_id in ids], np.intp)


def _best(chances: NDArray[np.float64]) -> NDArray[np.intp]:
    return np.argsort(-chances, kind="stable")[:K]


def _on_shelf(product: GeneratedProduct) -> ShelfItem:
    return ShelfItem(
        sku=product.sku,
        brand=product.brand_slug,
        category=product.category_slug,
        colour=str(product.attributes["colour"]),
        silhouette=str(product.attributes["silhouette"]),
        pattern=str(product.attributes["pattern"]),
        price_tier=str(product.attributes["price_tier"]),
        hype=float(product.attributes["hype"]),
        price_cents=product.retail_price_cents,
        released_s=datetime.combine(product.released_on, clock_time(), UTC).timestamp(),
        is_awaited=is_awaited(product.attributes),
    )


def _metadata(products: Sequence[GeneratedProduct]) -> Metadata:
    """What the shop exports of its products: category, brand, price and day of release."""
    ordered = sorted(products, key=lambda product: product.sku)
    released = [datetime.combine(product.released_on, clock_time(), UTC) for product in ordered]
    return Metadata(
        ids=tuple(product.sku for product in ordered),
        created_at=np.array([int(moment.timestamp()) for moment in released], np.int64),
        categorical={
            "CATEGORY": Categories.build([product.category_slug] for product in ordered),
            "BRAND": Categories.build([product.brand_slug] for product in ordered),
        },
        numerical={"PRICE": np.array([product.retail_price_cents / 100 for product in ordered])},
    )


def _events(stream: Clickstream, shelf: Shelf) -> Interactions:
    """What people did; bots are left out, as an export leaves them out."""
    people = ~stream.is_bot
    return Interactions.from_columns(
        [stream.key_of(shopper) for shopper in stream.shopper[people].tolist()],
        [shelf.skus[item] for item in stream.item[people].tolist()],
        (stream.at_ms[people] // 1000).tolist(),
        [EVENT_TYPES[code] for code in stream.code[people].tolist()],
    )


def _ask(
    parameters: Parameters, shelf: Shelf, stream: Clickstream, cut_s: float, n_questions: int
) -> tuple[Question, ...]:
    looks, _ = draw_looks(parameters, shelf, ends_s=ENDS_AT.timestamp())
    visits, viewed = looks.visits, looks.views.item
    truth = Truth(parameters, shelf, looks.tastes)
    first = np.searchsorted(visits.shopper, np.arange(parameters.n_shoppers))
    places = np.arange(len(visits))
    opened = np.maximum.accumulate(np.where(visits.opens, places, 0))
    # Whoever comes for a drop does not choose by taste.
    able = np.flatnonzero((visits.at_s >= cut_s) & (visits.aim < 0) & (places > first[visits.shopper]))
    chosen = np.random.default_rng(0).choice(able, min(n_questions, len(able)), replace=False)
    # The stream is in the order of time; sorted by shopper it stays so within each.
    order = np.argsort(stream.shopper, kind="stable")
    starts = np.searchsorted(stream.shopper[order], np.arange(parameters.n_shoppers + 1))
    questions = []
    for row in np.sort(chosen).tolist():
        shopper, at_s = int(visits.shopper[row]), float(visits.at_s[row])
        past = viewed[first[shopper] : row]
        mine = order[starts[shopper] : starts[shopper + 1]]
        before = mine[: np.searchsorted(stream.at_ms[mine], int(at_s * 1000))][-MOST_HISTORY:]
        questions.append(
            Question(
                shopper=shopper,
                history=tuple(_event(stream, shelf, place) for place in before.tolist()),
                chances=truth.foretell(shopper, past, at_s, opens=bool(visits.opens[row])),
                blind=truth.foretell_without_clock(shopper, past, at_s, n_in_session=row - int(opened[row - 1])),
                is_released=shelf.released_s <= at_s,
                came=int(viewed[row]),
            )
        )
    return tuple(questions)


def _event(stream: Clickstream, shelf: Shelf, place: int) -> Event:
    return Event(
        shelf.skus[int(stream.item[place])], int(stream.at_ms[place]) // 1000, EVENT_TYPES[int(stream.code[place])]
    )


def parse_arguments(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Return the command line's options."""
    parser = argparse.ArgumentParser(prog="demo_truth", description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--recipe", action="append", help="what to measure (default: all that answer a shopper)")
    parser.add_argument("--size", choices=sorted(SHOPPERS), default="small", help="of the demo world")
    parser.add_argument("--budget", type=float, help="CPU-seconds of each training; lets a blend's network take part")
    parser.add_argument("--questions", type=int, default=N_QUESTIONS, help="looks that are asked for, at most")
    parser.add_argument("--seed", type=int, default=1, help="of the world, and of everything random in the trainings")
    return parser.parse_args(arguments)


def make_table(exam: Exam, grades: Sequence[Grade]) -> Table:
    """Return the grades beside the first, which is the best possible."""
    title = (
        f"{len(exam.questions):,} next looks of {len({each.shopper for each in exam.questions}):,} simulated shoppers, "
        f"{TEST_DAYS:g} days after {len(exam.train):,} events"
    )
    table = Table(title=title, title_justify="left")
    table.add_column("ranked by", no_wrap=True)
    for heading in ("expected NDCG@10", "share of the best", "95% interval", "NDCG@10 as it came", "train CPU-s"):
        table.add_column(heading, justify="right")
    table.add_column("weights")
    for grade in grades:
        share, low, high = share_of(grade, grades[0], exam)
        table.add_row(
            grade.name,
            f"{grade.expected.mean():.4f}",
            f"{share:.1%}",
            f"{low:.1%} to {high:.1%}",
            f"{grade.realised.mean():.4f}",
            f"{grade.train_cpu_s:.1f}" if grade.train_cpu_s else "",
            grade.weights,
        )
    return table


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the table, and after it what could not be trained and why."""
    options = parse_arguments(arguments)
    exam = build_exam(options.size, options.seed, options.questions)
    grades, skipped = list(grade_truth(exam)), []
    for recipe in options.recipe or OFFERED_RECIPES:
        try:
            grades.append(grade_recipe(recipe, exam, options.budget, options.seed))
        except EngineError as error:
            skipped.append(f"Skipped: {recipe}: {error}")
    console = Console(width=None if Console().is_terminal else 170)
    console.print(make_table(exam, grades))
    for reason in skipped:
        console.print(reason, markup=False)


if __name__ == "__main__":
    # One thread, so that a CPU-second is a second of one core.
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    main()
