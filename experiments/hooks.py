"""What the project tells this app's pages: what a payload may say, and who a person is."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, cast

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db.models import Q

MAX_PEOPLE = 5


@dataclass(frozen=True, slots=True)
class PayloadKind:
    """One kind of payload: what it does, and an example to copy."""

    name: str
    does: str
    example: str


class PayloadRules(Protocol):
    """`settings.EXPERIMENT_PAYLOADS`: what a variation's payload may say in this project."""

    def list_kinds(self) -> Sequence[PayloadKind]:
        """The kinds of payload that the project acts on."""
        ...

    def find_faults(self, payload: Mapping[str, Any], design: str) -> Sequence[str]:
        """What is wrong with a payload, each naming the field and the fix; empty where nothing is."""
        ...

    def find_place(self, payload: Mapping[str, Any], design: str) -> str:
        """The place on the page that the payload decides on, by any name; "" for none that others could want too."""
        ...


@dataclass(frozen=True, slots=True)
class Person:
    """A person as experiments know them: the unit, the account where there is one, and how to call them."""

    unit: str
    name: str
    user: Any = None


def list_payload_kinds() -> Sequence[PayloadKind]:
    """The kinds of payload that the project acts on; none where it does not say."""
    rules = _find_payload_rules()
    return rules.list_kinds() if rules is not None else ()


def find_payload_faults(payload: Mapping[str, Any], design: str) -> Sequence[str]:
    """What the project has against a payload; anything goes where it does not say."""
    rules = _find_payload_rules()
    return rules.find_faults(payload, design) if rules is not None else ()


def find_place(payload: Mapping[str, Any], design: str) -> str:
    """The place on the page that a payload decides on; "" where the project does not say."""
    rules = _find_payload_rules()
    return rules.find_place(payload, design) if rules is not None else ""


def find_people(text: str) -> Sequence[Person]:
    """Whoever a username, an e-mail address or a unit's key names, by `settings.EXPERIMENT_PEOPLE`.

    By default: accounts with that username, e-mail address or, where they keep one, `shopper_key`; else the text itself
    as a unit. At most MAX_PEOPLE.
    """
    hook = cast("Callable[[str], Sequence[Person]] | None", getattr(settings, "EXPERIMENT_PEOPLE", None))
    return hook(text) if hook is not None else _find_accounts(text)


def _find_payload_rules() -> PayloadRules | None:
    return cast("PayloadRules | None", getattr(settings, "EXPERIMENT_PAYLOADS", None))


def _find_accounts(text: str) -> Sequence[Person]:
    model = get_user_model()
    has_key = hasattr(model, "shopper_key")
    named = Q(**{model.USERNAME_FIELD: text}) | Q(**{f"{model.get_email_field_name()}__iexact": text})
    accounts = model.objects.filter(named | Q(shopper_key=text) if has_key else named)[:MAX_PEOPLE]
    people = [Person(getattr(user, "shopper_key", "") or "", user.get_username(), user) for user in accounts]
    return people or [Person(text, text)]
