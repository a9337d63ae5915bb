"""An admin plans an experiment, ramps it to 1%, holds, resumes and rolls it back, on a phone and on a desk."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect

from tests.e2e.looks import LOOKS
from tests.e2e.pages.ramp_pages import RampPages
from tests.running_shop import RunningShop

DRAFT = {
    "variations-0-key": "control",
    "variations-0-name": "As it was",
    "variations-0-is_control": "on",
    "variations-0-payload": '{"rule": "trending"}',
    "variations-1-key": "popular",
    "variations-1-name": "Most popular",
    "variations-1-payload": '{"rule": "most-popular"}',
}
PLAN = {
    "research_note": "Shoppers who see what others look at come back more often.",
    "change": "The second row shows what is most popular.",
    "primary_metric": "homepage_ctr",
    "expected_effect": "5",
    "mde": "3",
    "planned_end_at": "2100-01-31T10:00",
    "guardrails-0-metric": "orders_per_shopper",
    "guardrails-0-margin": "2",
}


def find_violations(pages: RampPages) -> list[str]:
    """What axe has against the page, and whether it is wider than its window."""
    pages.page.wait_for_load_state()
    found = Axe().run(pages.page).response["violations"]
    told = [f"{each['id']}: {each['nodes'][0]['html'][:160]}" for each in found]
    return [*told, f"wider by {pages.overflow} px"] if pages.overflow > 0 else told


@pytest.mark.e2e
@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_admin_plans_ramps_holds_and_rolls_back(shop: RunningShop, browser: Browser, width: int, scheme: str) -> None:
    context = browser.new_context(
        viewport={"width": width, "height": 900},
        color_scheme="dark" if scheme == "dark" else "light",
        bypass_csp=True,
    )
    pages = RampPages(context.new_page(), shop).sign_in()
    violations = {}

    pages.open("add/").fill({"key": f"canary-{width}-{scheme}", "name": f"Canary {width} {scheme}", **DRAFT}).save()
    expect(pages.state).to_have_text("Draft")
    expect(pages.page.locator("#xp-faults-title + ul")).to_contain_text("Guardrails are missing")
    violations["draft"] = find_violations(pages)
    pages.ask("Start").answer("The canary")
    expect(pages.page.locator(".xp-confirm [role=alert]")).to_contain_text("It cannot start yet.")

    pages.page.get_by_role("link", name=re.compile("Guardrails are missing")).click()
    expect(pages.page.locator("#id_mde")).to_be_visible()
    violations["plan"] = find_violations(pages)
    pages.fill(PLAN).save()
    expect(pages.message).to_contain_text("was changed successfully")
    pages.open_ramp_of(f"canary-{width}-{scheme}")
    pages.ask("Start")
    expect(pages.page.locator(".xp-confirm")).to_be_visible()
    violations["question"] = find_violations(pages)
    pages.answer("The canary")
    expect(pages.state).to_have_text("Running")
    expect(pages.now).to_contain_text("1% of shoppers see it; 2% are in the test")
    violations["running"] = find_violations(pages)

    pages.ask("Hold").answer("A look at the figures")
    expect(pages.state).to_have_text("Held")
    pages.ask("Resume").answer("They are fine")
    expect(pages.state).to_have_text("Running")
    pages.kill("It shows the wrong shoes")
    expect(pages.state).to_have_text("Rolled back")
    expect(pages.now).to_contain_text("0% of shoppers see it")
    expect(pages.history).to_have_text(["Rolled back", "Resumed", "Held", "Started"])

    pages.open_tab("Results")
    expect(pages.page.locator("#content")).to_contain_text("The second row shows what is most popular.")
    pages.open_tab("Plan")
    expect(pages.page.locator("#xp-frozen")).to_be_visible()
    violations["frozen"] = find_violations(pages)
    pages.open("preview/?who=shopper")
    expect(pages.page.locator(".xp-walk").filter(has_text=f"Canary {width} {scheme}")).to_contain_text("off")
    violations["preview"] = find_violations(pages)
    # The place on the page is free again for whoever comes next.
    stopped = shop.manage("ramp", f"canary-{width}-{scheme}", "stop", "--reason", "It has been looked at.")
    assert stopped.returncode == 0, stopped.stderr
    assert {name: found for name, found in violations.items() if found} == {}
    context.close()
