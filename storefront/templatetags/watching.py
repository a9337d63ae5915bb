"""Template words of the admin's frame: the banner of alarms, and the strip of figures."""

from django import template

from recommendations.alarms import inbox
from storefront.kpis import HEIGHT, WIDTH, Kpi, read_kpis

register = template.Library()


@register.inclusion_tag("admin/_alarm_banner.html")
def alarm_banner() -> dict[str, inbox.Banner]:
    """Open alarms that nobody has taken on; for staff only, so ask `has_permission` around it."""
    return {"banner": inbox.banner()}


@register.inclusion_tag("admin/_kpis.html")
def kpi_strip() -> dict[str, list[Kpi] | float]:
    """How the shop does right now."""
    return {"kpis": read_kpis(), "width": WIDTH, "height": HEIGHT}
