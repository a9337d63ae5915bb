"""The inspector's columns: what any campaigns make of one shopper's history, side by side."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from recommendations import items, shared_lists
from recommendations.adapters.registry import get_backend
from recommendations.engine.recipes import kind_of
from recommendations.exceptions import RecommendationsError
from recommendations.items import Product
from recommendations.models import Deployment, LiveCampaign, Rotation
from recommendations.ports import RecommendationList

SHOWN_ITEMS = 12
# More would be too narrow to compare, and each is a request to a backend.
MOST_COLUMNS = 6
MOST_RANKED = 500
POPULARITY = "popularity"


@dataclass(frozen=True, slots=True)
class Face:
    """One item and what is said under its picture."""

    product: Product
    caption: str
    is_known: bool = False
    is_alone: bool = False
    because: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """A campaign that can stand in a column, and whether it is to."""

    value: str
    rotation: Rotation
    deployment: Deployment
    is_live: bool
    is_chosen: bool = False

    @property
    def title(self) -> str:
        return f"{self.rotation.key}, {self.deployment.get_colour_display()}"


@dataclass(frozen=True, slots=True)
class Column:
    """One list: what it is, its items, or why it has none; `n_shared` are those that the first column has too."""

    title: str
    detail: str
    faces: Sequence[Face] = ()
    fault: str = ""
    is_live: bool = False
    trained_at: datetime | None = None
    n_popular: int | None = None
    n_shared: int | None = None

    @property
    def skus(self) -> set[str]:
        return {face.product.sku for face in self.faces}


def read_choices(asked: Sequence[str], rotation_key: str = "") -> tuple[Choice, ...]:
    """Return every campaign there is; chosen are those asked for, or both sides of one rotation where none is.

    Args:
        asked: `rotation:colour` each; what names no campaign is passed over, and so is what exceeds six.
        rotation_key: whose sides to choose where nothing is asked for; the first rotation's where it is not known.
    """
    live = set(LiveCampaign.objects.values_list("deployment_id", flat=True))
    built = Deployment.objects.exclude(campaign_arn="").select_related("rotation").order_by("rotation_id", "-colour")
    choices = [
        Choice(f"{side.rotation_id}:{side.colour}", side.rotation, side, is_live=side.pk in live) for side in built
    ]
    keys = [choice.rotation.key for choice in choices]
    default = rotation_key if rotation_key in keys else next(iter(keys), "")
    named = [choice.value for choice in choices if choice.value in asked]
    wanted = named[:MOST_COLUMNS] or [choice.value for choice in choices if choice.rotation.key == default]
    return tuple(replace(choice, is_chosen=choice.value in wanted) for choice in choices)


def compare_sides(choices: Sequence[Choice], shopper_key: str, history: Sequence[Product]) -> list[Column]:
    """Return a column for each chosen campaign, and one of what is popular.

    Args:
        choices: every campaign, some of them chosen.
        shopper_key: who asks.
        history: the shopper's items, newest first.
    """
    popular = shared_lists.read(shared_lists.MOST_POPULAR)
    known = {product.sku for product in history}
    columns = [_ask(choice, shopper_key, history, popular) for choice in choices if choice.is_chosen]
    columns = [replace(column, n_popular=len(column.skus.intersection(popular[:SHOWN_ITEMS]))) for column in columns]
    columns.append(Column("Popularity", "the same for everybody", _faces(popular[:SHOWN_ITEMS], history)))
    in_columns = Counter(sku for column in columns for sku in column.skus)
    first = columns[0].skus
    return [
        replace(
            column,
            n_shared=len(column.skus & first) if number else None,
            faces=[
                replace(face, is_known=face.product.sku in known, is_alone=in_columns[face.product.sku] == 1)
                for face in column.faces
            ],
        )
        for number, column in enumerate(columns)
    ]


def _ask(choice: Choice, shopper_key: str, history: Sequence[Product], popular: Sequence[str]) -> Column:
    question, said = _question(choice, shopper_key, history, popular)
    recipe = choice.rotation.recipe
    column = Column(
        choice.title,
        f"{recipe}{said}",
        is_live=choice.is_live,
        trained_at=choice.deployment.trained_at,
    )
    try:
        answer = question()
    except RecommendationsError as error:
        return replace(column, fault=str(error))
    shown = answer.item_ids[:SHOWN_ITEMS]
    return replace(column, faces=_faces(shown, history, answer))


def _question(
    choice: Choice, shopper_key: str, history: Sequence[Product], popular: Sequence[str]
) -> tuple[Callable[[], RecommendationList], str]:
    """Return what to ask a campaign of this kind, and what that is in words."""
    runtime, arn = get_backend(choice.rotation.backend).runtime, choice.deployment.campaign_arn
    filter_arn, kind = choice.deployment.filter_arn, kind_of(choice.rotation.recipe)
    if kind == "PERSONALIZED_RANKING":
        ranked = list(popular[:MOST_RANKED])
        return (
            lambda: runtime.get_personalized_ranking(arn, user_id=shopper_key, item_ids=ranked, filter_arn=filter_arn),
            f", of the {len(ranked)} most popular",
        )
    beside = history[0] if kind == "RELATED_ITEMS" and history else None
    return (
        lambda: runtime.get_recommendations(
            arn,
            k=SHOWN_ITEMS,
            user_id=shopper_key,
            item_id=beside.sku if beside is not None else "",
            filter_arn=filter_arn,
        ),
        f", beside {beside.name}" if beside is not None else "",
    )


def _faces(item_ids: Sequence[str], history: Sequence[Product], answer: RecommendationList | None = None) -> list[Face]:
    names = {product.sku: product.name for product in history}
    reasons = answer.because if answer is not None else {}
    return [
        Face(product, f"{rank}", because=names.get(reasons.get(product.sku, ""), ""))
        for rank, product in enumerate(items.in_order(item_ids), start=1)
    ]
