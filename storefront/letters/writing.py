"""Goes through the steps of orders since the last time, and owes each account that is to know a letter."""

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, Max, OuterRef

from catalog.models import Order, OrderStep
from catalog.orders.states import OrderStatus
from storefront.accounts.models import User
from storefront.letters.models import Bookmark, Letter

# What happened longer ago is news to nobody, as after a long outage.
NEWS_FOR = timedelta(days=2)
# Steps get their numbers before they are committed, so that a lower one may appear after a higher one was seen; a drop
# that is restocked makes thousands of them at once.
LATECOMERS, LATE_BY = 20_000, timedelta(minutes=10)
# A buyer waits for nothing between the match and the parcel; a seller has to know that it is paid.
TOLD: dict[OrderStatus, tuple[str, ...]] = {
    OrderStatus.MATCHED: (Order.buyer.field.name, Order.seller.field.name),
    OrderStatus.PAID: (Order.seller.field.name,),
    OrderStatus.SHIPPED: (Order.buyer.field.name,),
    OrderStatus.COMPLETED: (Order.buyer.field.name, Order.seller.field.name),
    OrderStatus.CANCELLED: (Order.buyer.field.name, Order.seller.field.name),
}


@transaction.atomic
def write_letters(*, limit: int = 500) -> int:
    """Owe a letter for each step that an account is to know of; whoever did it knows.

    Args:
        limit: how many new steps at most; the rest waits for the next call.

    Returns:
        How many letters are owed anew.
    """
    bookmark = _open_bookmark()
    now = settings.CLOCK.now()
    if bookmark is None:
        return 0
    steps = OrderStep.objects.select_related("order__buyer", "order__seller").order_by("pk")
    new = list(steps.filter(pk__gt=bookmark.step_id)[:limit])
    # The letters of a step are written together.
    late = steps.filter(
        ~Exists(Letter.objects.filter(step=OuterRef("pk"))),
        pk__gt=max(bookmark.step_id - LATECOMERS, bookmark.begun_after),
        pk__lte=bookmark.step_id,
        at__gte=now - LATE_BY,
    )
    owed = [
        Letter(step=step, account=account, made_at=now, try_at=now)
        for step in [*late[:LATECOMERS], *new]
        if step.at >= now - NEWS_FOR
        for account in _readers(step)
    ]
    Letter.objects.bulk_create(owed, ignore_conflicts=True)
    if new:
        bookmark.step_id = new[-1].pk
        bookmark.save(update_fields=["step_id"])
    return len(owed)


def wants_letters(account: User) -> bool:
    """Whether mail about orders may go to this account."""
    return account.is_active and account.order_mail and bool(account.email)


def _open_bookmark() -> Bookmark | None:
    """The bookmark, held until the transaction ends; None where another process goes through the steps right now."""
    if not Bookmark.objects.exists():
        last = OrderStep.objects.aggregate(last=Max("pk"))["last"] or 0
        Bookmark.objects.bulk_create([Bookmark(pk=1, begun_after=last, step_id=last)], ignore_conflicts=True)
    return Bookmark.objects.select_for_update(skip_locked=True).first()


def _readers(step: OrderStep) -> list[User]:
    parties = [getattr(step.order, name) for name in TOLD.get(OrderStatus(step.to_status), ())]
    return [
        account
        for account in parties
        if account is not None and account.pk != step.account_id and wants_letters(account)
    ]
