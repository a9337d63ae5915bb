"""Tells the recommender what became of deals while their shopper was away: bids met, purchases that fell through."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef

from catalog.models import Order, OrderStep
from catalog.orders.states import UNDER_WAY, OrderStatus, Role
from recommendations import conf
from recommendations.events import ids, outbox
from recommendations.events.schema import PURCHASE, RETURN
from recommendations.models import Interaction
from recommendations.ports import Shopper

BID = "bid"
# A day's worth is looked through, so that a worker that stood still misses nothing; the newest first.
REACH, MOST = timedelta(days=1), 5_000
# What was recorded at once is in the store by then, in seconds of the system's time; told twice it would count once.
ON_ITS_WAY_S = 60.0


@dataclass(frozen=True, slots=True)
class Deal:
    """One trade, as far as the recommender is to know of it; `at` is when it came about, or fell through."""

    trade_id: int
    traded_at: datetime
    at: datetime
    sku: str
    price_cents: int
    shopper_key: str | None = None

    def id_of(self, event_type: str) -> UUID:
        """The event id that this deed of the trade has, whoever tells of it."""
        return ids.derived(self.at if event_type == RETURN else self.traded_at, event_type, str(self.trade_id))


def tell_met_bids() -> int:
    """Record the purchase of each bid that was met while it stood and that nobody has recorded.

    Only where the bid itself was recorded, and under its shopper: who bid unseen, or is forgotten, buys unseen.

    Returns:
        How many were told.
    """
    until = _settled_until()
    by_seller = OrderStep.objects.filter(
        order=OuterRef("pk"), to_status=OrderStatus.MATCHED.value, by=Role.SELLER.value
    )
    orders = Order.objects.filter(
        Exists(by_seller),
        status__in=[status.value for status in UNDER_WAY],
        updated_at__gte=until - REACH,
        placed_at__range=(until - REACH, until),
        trade__bid__isnull=False,
        buyer__shopper_key__isnull=False,
    )
    fields = ("trade_id", "trade__traded_at", "placed_at", "trade__variant__product__sku", "price_cents")
    rows = orders.order_by("-placed_at").values_list(*fields, "buyer__shopper_key")[:MOST]
    missing = _untold([Deal(*row) for row in rows], PURCHASE)
    bids = _recorded_bids(missing)
    seen = [deal for deal in missing if (deal.shopper_key, deal.sku) in bids]
    return _tell([(deal, Shopper(str(deal.shopper_key), bids[deal.shopper_key, deal.sku])) for deal in seen], PURCHASE)


def tell_returns() -> int:
    """Record a return for each order that was cancelled, by whomever, and whose purchase is in the store.

    Returns:
        How many were told.
    """
    until = _settled_until()
    steps = OrderStep.objects.filter(to_status=OrderStatus.CANCELLED.value, at__range=(until - REACH, until))
    fields = ("order__trade_id", "order__trade__traded_at", "at", "order__trade__variant__product__sku")
    rows = steps.order_by("-at").values_list(*fields, "order__price_cents")[:MOST]
    missing = _untold([Deal(*row) for row in rows], RETURN)
    bought = Interaction.objects.filter(event_id__in=[deal.id_of(PURCHASE) for deal in missing])
    rows_of = bought.values_list("event_id", "shopper_key", "session_id")
    shoppers = {event_id: Shopper(key, session_id) for event_id, key, session_id in rows_of}
    found = [(deal, shoppers.get(deal.id_of(PURCHASE))) for deal in missing]
    return _tell([(deal, shopper) for deal, shopper in found if shopper is not None], RETURN)


def _settled_until() -> datetime:
    return conf.now() - timedelta(seconds=ON_ITS_WAY_S * conf.clock_rate())


def _untold(deals: Collection[Deal], event_type: str) -> list[Deal]:
    wanted = {deal.id_of(event_type): deal for deal in deals}
    told = set(Interaction.objects.filter(event_id__in=wanted).values_list("event_id", flat=True))
    return [deal for event_id, deal in wanted.items() if event_id not in told]


def _recorded_bids(deals: Collection[Deal]) -> dict[tuple[str | None, str], str]:
    """(Shopper, SKU) -> the session of their last recorded bid on it."""
    keys, skus = {deal.shopper_key for deal in deals}, {deal.sku for deal in deals}
    rows = Interaction.objects.filter(shopper_key__in=keys, item_id__in=skus, event_type=BID).order_by("occurred_at")
    return {(key, sku): session for key, sku, session in rows.values_list("shopper_key", "item_id", "session_id")}


def _tell(deals: Iterable[tuple[Deal, Shopper]], event_type: str) -> int:
    n_told = 0
    for deal, shopper in deals:
        with transaction.atomic():
            at = deal.at if event_type == RETURN else deal.traded_at
            price = deal.price_cents / 100
            outbox.add(
                outbox.deed_of(shopper, event_type, key=str(deal.trade_id), item_id=deal.sku, price=price, at=at)
            )
        n_told += 1
    return n_told
