"""The admin's pages in a project with nothing but Django's own parts, as the app may be lifted into any."""

import re

import pytest
from django.http import HttpResponse, HttpResponseBase
from pytest_django.fixtures import Settings

RAMPER = ("view_experiment", "change_experiment", "ramp_experiment", "view_variation", "view_phase")
EDITOR = (*RAMPER, "add_experiment", "delete_experiment")


@pytest.fixture(autouse=True)
def any_project(settings: Settings) -> None:
    settings.EXPERIMENT_PAYLOADS = None
    storage = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": storage}
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if name.startswith("django.")]
    (templates,) = settings.TEMPLATES
    processors = [name for name in templates["OPTIONS"]["context_processors"] if name.startswith("django.")]
    settings.TEMPLATES = [{**templates, "DIRS": [], "OPTIONS": {"context_processors": processors}}]
    settings.CSRF_FAILURE_VIEW = "django.views.csrf.csrf_failure"
    settings.CSRF_FAILURE_VIEW = "django.views.csrf.csrf_failure"


def read(response: HttpResponseBase) -> str:
    """A page as one line."""
    assert isinstance(response, HttpResponse)
    return re.sub(r"\s+", " ", response.content.decode())
