import hashlib
import re
import xml.etree.ElementTree as ET

import pytest

from catalog.art.patterns import PATTERNS
from catalog.art.render import TEMPLATES, alt_text, draw
from catalog.art.silhouettes import CATEGORIES, SILHOUETTES, Category
from catalog.art.spec import ArtSpec

EVERY_SHAPE = [(category, shape.name) for category in CATEGORIES for shape in SILHOUETTES[category]]
GOLDEN: dict[tuple[str, str], str] = {
    ("GLD-0-0001", "low-tops"): "c90f5433e797ddfa",
    ("GLD-1-0001", "high-tops"): "f65ccda42b95dca2",
    ("GLD-2-0001", "runners"): "e7735caffa0f840e",
    ("GLD-3-0001", "hoodies"): "a2340ed2dfe95e91",
    ("GLD-4-0001", "caps"): "c3ecceb0b3351cd4",
    ("GLD-5-0001", "watches"): "4a2b039486a3278e",
    ("GLD-6-0001", "tees"): "43b9840a2c4dea1f",
    ("GLD-7-0001", "slides"): "d9bc3b1e746fa660",
    ("GLD-8-0001", "backpacks"): "47a228488709f50d",
    ("GLD-9-0001", "headphones"): "4893c5816b005c61",
    ("GLD-10-0001", "handhelds"): "08dacf09c86cca73",
    ("GLD-11-0001", "trading-cards"): "4a742654a2690ee1",
}


@pytest.mark.parametrize(("sku", "category"), GOLDEN)
def test_draw_gives_the_same_bytes_on_every_machine(sku: str, category: str) -> None:
    spec = ArtSpec.from_sku(sku, category)

    picture = draw(spec)

    assert hashlib.sha256(picture.encode()).hexdigest()[:16] == GOLDEN[sku, category]


@pytest.mark.parametrize(("category", "silhouette"), EVERY_SHAPE)
@pytest.mark.parametrize("pattern", sorted(PATTERNS))
def test_draw_is_small_well_formed_and_inert(category: Category, silhouette: str, pattern: str) -> None:
    spec = ArtSpec.from_attributes("TST-00-0001", category, {"silhouette": silhouette, "pattern": pattern})

    picture = draw(spec)

    tags = {element.tag.rsplit("}")[-1] for element in ET.fromstring(picture).iter()}
    assert 4_000 <= len(picture.encode()) <= 15_000
    assert not tags & {"script", "foreignObject", "image", "filter", "a", "style"}
    assert "nan" not in picture
    assert "http" not in picture.replace("http://www.w3.org/2000/svg", "")


@pytest.mark.parametrize("category", CATEGORIES)
def test_draw_prefixes_unique_ids_with_the_sku_and_refers_to_no_other(category: Category) -> None:
    picture = draw(ArtSpec.from_sku("KES-00-0042", category))

    ids = re.findall(r' id="([^"]+)"', picture)
    references = set(re.findall(r'(?:url\(|href=")#([^")]+)', picture))

    assert len(ids) == len(set(ids))
    assert all(name.startswith("pkes000042-") for name in ids)
    assert references <= set(ids)


def test_draw_differs_between_skus_of_the_same_look() -> None:
    attributes = {"silhouette": "court", "palette": "forest", "pattern": "camo", "mark": "fern"}
    first = ArtSpec.from_attributes("AAA-LO-0001", "low-tops", attributes)
    second = ArtSpec.from_attributes("AAA-LO-0002", "low-tops", attributes)

    pictures = {draw(first), draw(second)}

    assert len(pictures) == 2


def test_alt_text_names_what_is_drawn() -> None:
    attributes = {"silhouette": "trail", "palette": "kelp-orange", "pattern": "ripstop", "mark": "ridge"}
    spec = ArtSpec.from_attributes("TAR-RU-0001", "runners", attributes)

    words = alt_text(spec)

    assert words == "Trail running shoe in Kelp Orange, green with a ripstop pattern, ridge mark"
    assert f"<title>{words}</title>" in draw(spec)


@pytest.mark.parametrize(
    ("category", "silhouette", "words"),
    [
        ("tees", "ringer", "Ringer T-shirt in Plum, purple, moth mark"),
        ("slides", "pool", "Pool slide sandal in Plum, purple, moth mark"),
        ("backpacks", "rolltop", "Rolltop backpack in Plum, purple, moth mark"),
        ("headphones", "retro", "Retro headphones in Plum, purple, moth mark"),
        ("handhelds", "clamshell", "Clamshell handheld console in Plum, purple, moth mark"),
        ("trading-cards", "graded", "Graded trading card in Plum, purple, moth mark"),
    ],
)
def test_alt_text_reads_as_a_phrase_in_every_category(category: str, silhouette: str, words: str) -> None:
    attributes = {"silhouette": silhouette, "palette": "plum", "pattern": "plain", "mark": "moth"}

    assert alt_text(ArtSpec.from_attributes("QUI-XX-0001", category, attributes)) == words


@pytest.mark.parametrize("category", CATEGORIES)
def test_draw_differs_between_the_silhouettes_of_a_category(category: Category) -> None:
    look = {"palette": "denim", "pattern": "plain", "mark": "sail"}

    pictures = {
        draw(ArtSpec.from_attributes("AAA-XX-0001", category, {**look, "silhouette": shape.name}))
        for shape in SILHOUETTES[category]
    }

    assert len(pictures) == len(SILHOUETTES[category]) == 5


@pytest.mark.parametrize("category", CATEGORIES)
def test_draw_writes_nothing_but_path_commands_and_numbers(category: Category) -> None:
    for shape in SILHOUETTES[category]:
        picture = draw(ArtSpec.from_attributes("AAA-XX-0001", category, {"silhouette": shape.name}))

        for data in re.findall(r' d="([^"]*)"', picture):
            assert re.fullmatch(r"([Mm][MLHVCSQAZmlhvcsqaz0-9 .-]*)?", data), data


def test_every_category_has_a_template() -> None:
    assert set(TEMPLATES) == set(CATEGORIES)
