"""Joins an anonymous device's key to the account that signed in on it: its past, live and stored, is the account's."""

from recommendations import conf
from recommendations.events import buffer
from recommendations.events.schema import Joined
from recommendations.models import KeyJoin


def join_keys(shopper_key: str, heir_key: str) -> bool:
    """Make what one key did the other's, in live state within a second and in trainings from the next one on.

    Stored facts keep the key that they were recorded under, since experiments were decided on it.

    Args:
        shopper_key: a device's own key, that no account has; the device holds the account's from here on.
        heir_key: the account's.

    Returns:
        Whether they are one shopper's now; False where the key was joined to another before.
    """
    if shopper_key == heir_key:
        return True
    now = conf.now()
    join, _ = KeyJoin.objects.get_or_create(shopper_key=shopper_key, defaults={"heir_key": heir_key, "joined_at": now})
    if join.heir_key != heir_key:
        return False
    buffer.record_joined(Joined(shopper_key, heir_key, now))
    return True
