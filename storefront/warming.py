"""Loads at the start what the first page of each kind would load: addresses and templates; no shopper waits for it."""

import logging
from pathlib import Path
from typing import cast

from django.conf import settings
from django.template import TemplateSyntaxError
from django.template.loader import get_template
from django.urls import reverse

logger = logging.getLogger(__name__)


def warm() -> int:
    """Compile every template of the shop, and resolve its addresses once; a broken template fails its own page alone.

    Returns:
        How many templates are kept from now on.
    """
    reverse("home")
    n_kept = 0
    for folder in cast("list[Path]", settings.TEMPLATES[0]["DIRS"]):
        for file in sorted(folder.rglob("*.html")):
            try:
                get_template(file.relative_to(folder).as_posix())
                n_kept += 1
            except TemplateSyntaxError:
                logger.exception("A template cannot be read.", extra={"code": "broken_template"})
    return n_kept
