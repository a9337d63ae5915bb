"""A production start: no warning of `check --deploy`, cookies with the prefix, HTTPS everywhere."""

import json
import os
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[3]
PRODUCTION = {
    "PRODUCTION": "true",
    "SECRET_KEY": "Xq7" * 20 + "a-key-with-many-different-characters-0123456789",
    "ALLOWED_HOSTS": "shop.example",
    "DATABASE_URL": "postgresql://nobody@127.0.0.1:9/none",
    "REDIS_URL": "redis://127.0.0.1:9",
}
SHOW = """
import json, django
django.setup()
from django.conf import settings as s
print(json.dumps({name: getattr(s, name) for name in (
    "SESSION_COOKIE_NAME", "CSRF_COOKIE_NAME", "SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SESSION_COOKIE_HTTPONLY",
    "CSRF_COOKIE_HTTPONLY", "SECURE_SSL_REDIRECT", "SECURE_HSTS_SECONDS", "SECURE_HSTS_PRELOAD", "DEBUG",
    "SESSION_COOKIE_SAMESITE", "SESSION_COOKIE_DOMAIN", "SESSION_COOKIE_PATH",
)}))
"""


def run(*command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if name not in {"WORLD", "RATE_LIMITS"}}
    return subprocess.run(
        [sys.executable, *command],
        cwd=PROJECT,
        env=environment | PRODUCTION | {"VAR_DIR": str(folder), "DJANGO_SETTINGS_MODULE": "storefront.settings"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_deployment_check_has_no_issue(tmp_path: Path) -> None:
    done = run("-W", "ignore", "manage.py", "check", "--deploy", "--fail-level", "INFO", folder=tmp_path)

    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout


def test_cookies_of_production_are_bound_to_the_host(tmp_path: Path) -> None:
    done = run("-W", "ignore", "-c", SHOW, folder=tmp_path)

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {
        "SESSION_COOKIE_NAME": "__Host-session",
        "CSRF_COOKIE_NAME": "__Host-csrf",
        "SESSION_COOKIE_SECURE": True,
        "CSRF_COOKIE_SECURE": True,
        "SESSION_COOKIE_HTTPONLY": True,
        "CSRF_COOKIE_HTTPONLY": True,
        "SECURE_SSL_REDIRECT": True,
        "SECURE_HSTS_SECONDS": 31_536_000,
        "SECURE_HSTS_PRELOAD": True,
        "DEBUG": False,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_DOMAIN": None,
        "SESSION_COOKIE_PATH": "/",
    }
