"""What a member of staff does about letters that were refused or may not have arrived: have them sent again."""

from collections.abc import Iterable

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from storefront.letters.models import FAILED, Letter

# So many at once, so that a page can show each of them before it happens.
MOST_AT_ONCE = 50


def failed_among(letters: QuerySet[Letter]) -> QuerySet[Letter]:
    """Those that were refused or may not have arrived, the newest first."""
    return letters.filter(status__in=FAILED).order_by("-pk")


@transaction.atomic
def send_again(letter_ids: Iterable[int]) -> list[Letter]:
    """Have letters that failed wait anew, with all their attempts before them; the next tick sends what is still owed.

    Args:
        letter_ids: which, `MOST_AT_ONCE` of them; one that did not fail, or was sent again meanwhile, stays as it is.

    Returns:
        Those that wait now, each as it stood before.
    """
    asked = Letter.objects.filter(pk__in=list(letter_ids)[:MOST_AT_ONCE])
    found = list(failed_among(asked).order_by("pk").select_for_update(of=("self",)))
    now = settings.CLOCK.now()
    Letter.objects.filter(pk__in=[letter.pk for letter in found]).update(
        status=Letter.Status.WAITING, n_tries=0, try_at=now, again_at=now
    )
    return found
