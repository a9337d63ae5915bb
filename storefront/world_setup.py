"""Brings a world to where it can be served: schema, static files, demo data, logins, a first live campaign."""

import hashlib
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.db import connection

from catalog.models import Product, Trade
from experiments.definitions import VariationDefinition, ensure_experiment
from experiments.models import Experiment
from experiments.ramp import ship
from recommendations import shared_lists
from recommendations.events.partitions import ensure_current
from recommendations.models import Interaction, LiveCampaign
from recommendations.pipeline.runs import DEFAULT_ROTATION
from storefront.env import BASE_DIR
from storefront.origin import OriginMixed
from storefront.page_rotations import ensure_page_rotations
from storefront.row_experiments import EXPERIMENT
from storefront.simulation.experiments import draft, finished
from storefront.simulation.experiments.parameters import TrialParameters
from storefront.simulation.experiments.seeding import seed_finished_experiment
from storefront.simulation.market.parameters import MarketParameters
from storefront.simulation.market.seeding import seed_market

DEMO_WORLD = "demo"
SETUP_LOCK = 7_042_001
MANAGE = BASE_DIR / "manage.py"
DEMO_LOGINS = (("shopper", "shopper-demo-1", False), ("admin", "admin-demo-1", True))

# Only the demo world fills itself.
EMPTY_WORLD = """World {world} is empty. Fill it in another terminal, with WORLD={world} set:
           manage.py import_trades, or import_catalog and import_interactions    a real shop's files (README)
           manage.py seed_catalog, seed_shoppers, seed_market                    the invented shop
           manage.py retrain                                                     then a first campaign"""

FLAG = "recommended_for_you"
VARIATIONS = (
    VariationDefinition("control", "The homepage as it was", {"rule": "trending"}, is_control=True),
    VariationDefinition("treatment", "Recommended For You", {"slot": "home-recommended", "rotation": DEFAULT_ROTATION}),
)

Report = Callable[[str], None]


def prepare(report: Report) -> None:
    """Do what is missing, and nothing twice; a demo world is filled, any other world waits for an import."""
    is_demo = settings.ENVIRONMENT.world == DEMO_WORLD and not settings.PRODUCTION
    with one_at_a_time():
        report("Schema")
        call_command("migrate", verbosity=0, interactive=False)
        ensure_current()
        collect_static(report)
        if is_demo:
            fill_demo_world(report)
        ensure_feature(shipped=not settings.PRODUCTION)
        ensure_page_rotations()
        with training_first_campaign(report):
            if is_demo:
                fill_demo_market(report)
                fill_demo_experiments(report)
            if not settings.PRODUCTION:
                ensure_demo_logins()
            if Product.objects.exists():
                shared_lists.refresh()
            else:
                report(EMPTY_WORLD.format(world=settings.ENVIRONMENT.world))


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Two first starts at once would make the same tables; the later one waits for the earlier."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [SETUP_LOCK])
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [SETUP_LOCK])


@contextmanager
def training_first_campaign(report: Report) -> Iterator[None]:
    """Train the homepage's own campaign, where there is none, in a process beside what the block does.

    The other rotations are trained by ticks once the shop is open. A shop too small to train on opens all the same:
    popular and new products need no campaign.
    """
    is_live = LiveCampaign.objects.filter(rotation=DEFAULT_ROTATION).exists()
    if is_live or not Product.objects.exists() or not Interaction.objects.exists():
        yield
        return
    report(f"First campaign of {DEFAULT_ROTATION}")
    # A process of its own has the other core; a thread would only take turns with this one.
    child = subprocess.Popen([sys.executable, str(MANAGE), "retrain"], stdin=subprocess.DEVNULL)  # noqa: S603 - our own
    try:
        yield
        if child.wait() != 0:
            report("No campaign yet, for the reason above; the shop opens without it. Try again: manage.py retrain")
    finally:
        if child.poll() is None:
            child.terminate()
            child.wait()


def collect_static(report: Report) -> None:
    """Gather and compress the static files, unless none has changed since the last time."""
    stamp_file = Path(settings.STATIC_ROOT) / ".sources"
    stamp = _static_sources_stamp()
    if stamp_file.exists() and stamp_file.read_text() == stamp:
        return
    report("Static files")
    call_command("collectstatic", verbosity=0, interactive=False)
    stamp_file.write_text(stamp)


def fill_demo_world(report: Report) -> None:
    """A small invented catalogue, and simulated shoppers with a past of 90 days."""
    if not Product.objects.exists():
        report("Catalogue")
        call_command("seed_catalog", size="small")
    if not Interaction.objects.exists():
        report("Simulated shoppers")
        call_command("seed_shoppers", size="small")


def fill_demo_market(report: Report) -> None:
    """Past trades and standing books, where there are none; nothing where data were imported."""
    try:
        if not Trade.objects.filter(source=Trade.Source.SIMULATION).exists():
            report("Past trades, standing bids and asks")
            seed_market(MarketParameters(), ends_at=settings.CLOCK.now(), report=lambda _share, _note: None)
    except (OriginMixed, ValueError) as refusal:
        report(f"No simulated market: {refusal}")


def fill_demo_experiments(report: Report) -> None:
    """One finished experiment, simulated, and a draft that compares two campaigns; nothing where data were imported."""
    try:
        if not Experiment.objects.filter(key=finished.KEY).exists():
            report("A finished experiment, simulated")
            seed_finished_experiment(TrialParameters(), report=lambda _share, _note: None)
    except (OriginMixed, ValueError) as refusal:
        report(f"No simulated experiment: {refusal}")
        return
    draft.ensure_rotation()
    draft.ensure_draft()


def ensure_feature(*, shipped: bool) -> None:
    """The Recommended For You experiment exists; a fresh demo shows the row to everyone, production to nobody."""
    is_new = not Experiment.objects.filter(key=EXPERIMENT).exists()
    ensure_experiment(key=EXPERIMENT, name="Recommended For You", flag_name=FLAG, variations=VARIATIONS)
    if is_new and shipped:
        ship(EXPERIMENT, actor="demo", reason="A fresh demo shows the row to everyone.")


def ensure_demo_logins() -> None:
    """The two accounts that `make demo` prints; their passwords are public, so production never has them."""
    users = get_user_model().objects
    for username, password, is_admin in DEMO_LOGINS:
        if not users.filter(username=username).exists():
            make = users.create_superuser if is_admin else users.create_user
            make(username, f"{username}@example.com", password)


def _static_sources_stamp() -> str:
    digest = hashlib.sha256()
    for finder in get_finders():
        for path, storage in finder.list([]):
            status = Path(storage.path(path)).stat()
            digest.update(f"{path} {status.st_size} {status.st_mtime_ns}\n".encode())
    return digest.hexdigest()
