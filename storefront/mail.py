"""EMAIL_URL as the settings that Django wants."""

from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

CONSOLE = "django.core.mail.backends.console.EmailBackend"
SMTP = "django.core.mail.backends.smtp.EmailBackend"


@dataclass(frozen=True, slots=True)
class Mail:
    """How mail leaves; with a user and no TLS of its own, the connection is upgraded before the password is sent."""

    backend: str = CONSOLE
    host: str = ""
    port: int = 25
    user: str = ""
    password: str = ""
    is_ssl: bool = False
    is_starttls: bool = False


def email_settings(url: str) -> Mail:
    """Take apart `console://`, `smtp://user:password@host:port` or `smtps://..`."""
    parts = urlsplit(url)
    if parts.scheme == "console":
        return Mail()
    is_ssl = parts.scheme == "smtps"
    user = unquote(parts.username or "")
    return Mail(
        backend=SMTP,
        host=parts.hostname or "",
        port=parts.port or (465 if is_ssl else 587 if user else 25),
        user=user,
        password=unquote(parts.password or ""),
        is_ssl=is_ssl,
        is_starttls=bool(user) and not is_ssl,
    )
