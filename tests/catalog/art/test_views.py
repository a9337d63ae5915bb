import hashlib
import re
import xml.etree.ElementTree as ET

import pytest

from catalog.art.canvas import HEIGHT, WIDTH
from catalog.art.render import alt_text, draw
from catalog.art.silhouettes import CATEGORIES, SILHOUETTES, Category
from catalog.art.spec import ArtSpec
from catalog.art.views import FOCUS, FRAMES, VIEWS, View, view_title, views_of

EVERY_VIEW = [(category, view) for category in CATEGORIES for view in views_of(category)]
GOLDEN: dict[tuple[str, str, View], str] = {
    ("GLD-0-0001", "low-tops", "detail"): "c011edf8c346675e",
    ("GLD-0-0001", "low-tops", "sole"): "81d7d42f8749ba53",
    ("GLD-1-0001", "high-tops", "detail"): "4336b03604f68f65",
    ("GLD-1-0001", "high-tops", "sole"): "4e1bb7a0aa75446d",
    ("GLD-2-0001", "runners", "detail"): "75cc3e8b6770fdce",
    ("GLD-2-0001", "runners", "sole"): "ecd03683157d7b14",
    ("GLD-3-0001", "hoodies", "detail"): "00550ad574d6af8d",
    ("GLD-3-0001", "hoodies", "box"): "73f44da09b84ec7d",
    ("GLD-4-0001", "caps", "detail"): "12bf0504a9c7c661",
    ("GLD-4-0001", "caps", "box"): "7b99de6dc3d49687",
    ("GLD-5-0001", "watches", "detail"): "b698d9b69bd08ccf",
    ("GLD-5-0001", "watches", "box"): "46d3f28d4a503725",
    ("GLD-6-0001", "tees", "detail"): "ca808f6a06b4988a",
    ("GLD-6-0001", "tees", "box"): "dfa6edb43d9e085b",
    ("GLD-7-0001", "slides", "detail"): "3d97d00fef58ca68",
    ("GLD-7-0001", "slides", "sole"): "1e6e35b94d509b8e",
    ("GLD-8-0001", "backpacks", "detail"): "9a6ab39655275cb6",
    ("GLD-8-0001", "backpacks", "box"): "033ff5ca7fef4532",
    ("GLD-9-0001", "headphones", "detail"): "44eddc6958d40547",
    ("GLD-9-0001", "headphones", "box"): "8d920dd015898024",
    ("GLD-10-0001", "handhelds", "detail"): "8206e63262fc3f97",
    ("GLD-10-0001", "handhelds", "box"): "ccfddd663f381568",
    ("GLD-11-0001", "trading-cards", "detail"): "148f02167efa08f8",
    ("GLD-11-0001", "trading-cards", "box"): "2057b86ffb1e090a",
}


@pytest.mark.parametrize(("sku", "category", "view"), GOLDEN)
def test_draw_gives_each_view_the_same_bytes_on_every_machine(sku: str, category: str, view: View) -> None:
    spec = ArtSpec.from_sku(sku, category)

    picture = draw(spec, view)

    assert hashlib.sha256(picture.encode()).hexdigest()[:16] == GOLDEN[sku, category, view]


@pytest.mark.parametrize("category", CATEGORIES)
def test_views_are_three_that_differ_and_say_what_they_show(category: Category) -> None:
    spec = ArtSpec.from_sku("KES-00-0042", category)

    shown = [(draw(spec, view), alt_text(spec, view), view_title(category, view)) for view in views_of(category)]

    assert len(views_of(category)) == 3
    assert [len(set(column)) for column in zip(*shown, strict=True)] == [3, 3, 3]
    assert all(f"<title>{words}</title>" in picture for picture, words, _ in shown)
    assert all(spec.silhouette.name in words.lower() for _, words, _ in shown)


@pytest.mark.parametrize(("category", "view"), EVERY_VIEW)
def test_draw_keeps_every_view_small_well_formed_and_inert(category: Category, view: View) -> None:
    for shape in SILHOUETTES[category]:
        picture = draw(ArtSpec.from_attributes("TST-00-0001", category, {"silhouette": shape.name}), view)

        tags = {element.tag.rsplit("}")[-1] for element in ET.fromstring(picture).iter()}
        ids = re.findall(r' id="([^"]+)"', picture)
        references = set(re.findall(r'(?:url\(|href=")#([^")]+)', picture))
        assert 3_500 <= len(picture.encode()) <= 18_000
        assert not tags & {"script", "foreignObject", "image", "filter", "a", "style"}
        assert len(ids) == len(set(ids))
        assert references <= set(ids)
        assert "nan" not in picture


@pytest.mark.parametrize("category", CATEGORIES)
def test_detail_shows_a_part_of_the_side_view_enlarged(category: Category) -> None:
    left, top, width = FRAMES[category]

    height = width * HEIGHT / WIDTH

    assert 1.9 <= WIDTH / width <= 3.2
    assert 0 <= left <= WIDTH - width
    assert 0 <= top <= HEIGHT - height
    assert FOCUS[category]


def test_draw_refuses_a_view_that_the_category_does_not_have() -> None:
    shoe, watch = ArtSpec.from_sku("A-1", "runners"), ArtSpec.from_sku("A-2", "watches")

    with pytest.raises(ValueError, match="view 'box' is unknown for runners; use one of: side, detail, sole"):
        draw(shoe, "box")
    with pytest.raises(ValueError, match="use one of: side, detail, box"):
        alt_text(watch, "sole")


def test_views_name_each_view_that_some_category_has() -> None:
    used = {view for category in CATEGORIES for view in views_of(category)}

    assert used == set(VIEWS)
