import re

import pytest
from django.test import Client

from tests.factories.accounts import PASSWORD, make_user

pytestmark = pytest.mark.django_db

SIGN_UP, SIGN_IN, LOST, OWN = (
    "/accounts/sign-up/",
    "/accounts/sign-in/",
    "/accounts/password/lost/",
    "/accounts/password/",
)
GOOD = {"username": "ada", "email": "", "password1": PASSWORD, "password2": PASSWORD}


def fields_of(page: str) -> dict[str, str]:
    """Each visible field by its name: its whole tag."""
    tags = re.findall(r'<input type="(?:text|email|password)"[^>]*>', page)
    return {re.search(r'name="(\w+)"', tag)[1]: tag for tag in tags}  # type: ignore[index]


@pytest.mark.parametrize(
    ("address", "sent", "field", "words"),
    [
        (SIGN_UP, {**GOOD, "username": ""}, "username", "Choose a name."),
        (SIGN_UP, {**GOOD, "username": "ada l!"}, "username", "and no space."),
        (SIGN_UP, {**GOOD, "email": "ada@"}, "email", "reads like ann@example.com"),
        (SIGN_UP, {**GOOD, "password1": ""}, "password1", "Choose a password."),
        (SIGN_UP, {**GOOD, "password2": "other"}, "password2", "The two passwords differ."),
        (SIGN_IN, {"username": "", "password": "x"}, "username", "Type your name."),
        (SIGN_IN, {"username": "ada", "password": ""}, "password", "Type your password."),
        (LOST, {"email": ""}, "email", "Type your e-mail address."),
        (LOST, {"email": "ada"}, "email", "reads like ann@example.com"),
        (
            OWN,
            {"old_password": PASSWORD, "new_password1": "", "new_password2": ""},
            "new_password1",
            "Choose a password.",
        ),
        (OWN, {"old_password": "", "new_password1": "x", "new_password2": "x"}, "old_password", "that you have now."),
    ],
)
def test_form_names_the_fault_at_its_field_and_puts_the_cursor_there(
    client: Client, address: str, sent: dict[str, str], field: str, words: str
) -> None:
    if address == OWN:
        client.force_login(make_user())

    page = client.post(address, sent).content.decode()

    tag = fields_of(page)[field]
    told = re.search(rf'id="id_{field}_error"[^>]*>(.*?)</ul>', page, re.DOTALL)
    assert told is not None
    assert words in told[1]
    assert f"id_{field}_error" in tag
    assert [name for name, each in fields_of(page).items() if " autofocus" in each] == [field]
    assert "This field is required" not in page


def test_fresh_form_of_many_fields_takes_no_cursor(client: Client) -> None:
    page = client.get(SIGN_UP).content.decode()

    assert " autofocus" not in "".join(fields_of(page).values())
