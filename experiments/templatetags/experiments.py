"""What templates ask of experiments: a request's variation, and the banner of whoever forced one."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import template
from django.http import HttpRequest

from experiments import overrides
from experiments.assignment import Assignment, Reason, assign_request
from experiments.models import Variation

register = template.Library()

# Why a forced variation is not what the page shows, in a tester's words.
NOT_SHOWN = {
    Reason.OFF: "it is off",
    Reason.SHIPPED: "everybody has the same variation now",
    Reason.BOT: "this browser says that it is a crawler or only loads ahead",
    Reason.NO_CONSENT: "this browser agreed to no recording",
}


@dataclass(frozen=True, slots=True)
class ForcedExperiment:
    """One override as the banner tells it, by the names that people gave; `hindrance` is why it does not show."""

    experiment: str
    variation: str
    hindrance: str


@register.simple_tag(takes_context=True)
def variation(context: template.Context, experiment_key: str) -> Assignment | None:
    """The request's assignment: `{% variation "new-header" as header %}{% if header.variation == "bold" %}`."""
    request = context.get("request")
    return assign_request(experiment_key, request) if request is not None else None


@register.inclusion_tag("experiments/override_banner.html", takes_context=True)
def override_banner(context: template.Context) -> dict[str, Any]:
    """Says which variations this browser forced, why a link was refused, and how to leave; nothing for all others."""
    request: HttpRequest | None = context.get("request")
    if request is None:
        return {}
    # The tag stands on every page: nothing is worked out for a browser that forced nothing.
    read = overrides.read(request)
    names = _find_names(read) if read else {}
    forced = [_describe(request, key, names) for key in read]
    return {
        "forced": forced,
        "refusals": getattr(request, "override_refusals", ()),
        "leave_url": f"{request.path}?{overrides.LEAVE}=1",
    }


def _find_names(read: Mapping[str, overrides.Override]) -> dict[tuple[str, str], tuple[str, str]]:
    """What people call experiments and their variations, by the keys of both."""
    rows = Variation.objects.filter(experiment__key__in=read)
    return {
        (key, variation): (experiment, name)
        for key, variation, experiment, name in rows.values_list("experiment__key", "key", "experiment__name", "name")
    }


def _describe(request: HttpRequest, key: str, names: Mapping[tuple[str, str], tuple[str, str]]) -> ForcedExperiment:
    found = assign_request(key, request)
    hindrance = "" if found.is_forced else NOT_SHOWN.get(found.reason, "that variation is gone")
    keys = (key, overrides.read(request)[key].variation)
    return ForcedExperiment(*names.get(keys, keys), hindrance)
