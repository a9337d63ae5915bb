"""What templates ask of experiments: a request's variation, and the banner of whoever forced one."""

from dataclasses import dataclass
from typing import Any

from django import template
from django.http import HttpRequest

from experiments import overrides
from experiments.assignment import Assignment, Reason, assign_request

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
    """One override as the banner tells it; `hindrance` is why it does not show, or empty."""

    key: str
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
    forced = [_describe(request, key) for key in overrides.read(request)]
    return {
        "forced": forced,
        "refusals": getattr(request, "override_refusals", ()),
        "leave_url": f"{request.path}?{overrides.LEAVE}=1",
    }


def _describe(request: HttpRequest, key: str) -> ForcedExperiment:
    found = assign_request(key, request)
    hindrance = "" if found.is_forced else NOT_SHOWN.get(found.reason, "that variation is gone")
    return ForcedExperiment(key, overrides.read(request)[key].variation, hindrance)
