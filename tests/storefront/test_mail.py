"""EMAIL_URL in its spellings."""

import pytest

from storefront.mail import CONSOLE, SMTP, Mail, email_settings


@pytest.mark.parametrize(
    ("url", "mail"),
    [
        ("console://", Mail(CONSOLE)),
        ("smtp://mail.example.com", Mail(SMTP, "mail.example.com", 25)),
        ("smtp://me:p%40ss@mail:2525", Mail(SMTP, "mail", 2525, "me", "p@ss", is_starttls=True)),
        ("smtps://me:pass@mail", Mail(SMTP, "mail", 465, "me", "pass", is_ssl=True)),
    ],
)
def test_mail_url_becomes_djangos_settings(url: str, mail: Mail) -> None:
    assert email_settings(url) == mail
