import re

import pytest

from catalog.art.canvas import Canvas
from catalog.art.scenes import SCENES, draw_scene
from catalog.art.spec import ArtSpec


def scene(sku: str, palette: str = "harbour") -> str:
    spec = ArtSpec.from_attributes(sku, "handhelds", {"palette": palette})
    canvas = Canvas(sku)
    draw_scene(canvas, spec, (250, 200), 180, 120)
    return canvas.document("x")


def test_draw_scene_is_decided_by_the_sku() -> None:
    pictures = {scene(f"AAA-{number}") for number in range(40)}

    assert len(pictures) == 40
    assert scene("AAA-1") == scene("AAA-1")


def test_draw_scene_paints_every_kind() -> None:
    skies = {tuple(re.findall(r'<stop offset="0" stop-color="(#\w+)"', scene(f"AAA-{n}"))[:1]) for n in range(60)}

    assert len(skies) == len(SCENES)


@pytest.mark.parametrize("palette", ["chalk", "ink", "lemon-ice", "ultraviolet"])
def test_draw_scene_stays_lit_in_pale_and_in_dark_colours(palette: str) -> None:
    picture = scene("AAA-7", palette)

    assert len(set(re.findall(r"#[0-9a-f]{6}", picture))) >= 5
