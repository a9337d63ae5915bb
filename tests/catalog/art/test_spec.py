import json

import pytest

from catalog.art.spec import ArtSpec


def test_from_sku_draws_the_same_parameters_again() -> None:
    first = ArtSpec.from_sku("KES-RU-0001", "runners")

    second = ArtSpec.from_sku("KES-RU-0001", "runners")

    assert first == second
    assert first != ArtSpec.from_sku("KES-RU-0002", "runners")


def test_from_attributes_takes_what_is_given_and_fills_the_rest_from_the_sku() -> None:
    attributes = json.loads('{"palette": "plum", "hype": 0.4}')

    spec = ArtSpec.from_attributes("KES-RU-0001", "runners", attributes)

    drawn = ArtSpec.from_sku("KES-RU-0001", "runners")
    assert spec.colourway.name == "Plum"
    assert (spec.silhouette, spec.pattern, spec.mark) == (drawn.silhouette, drawn.pattern, drawn.mark)


@pytest.mark.parametrize("field", ["palette", "pattern", "mark", "silhouette"])
def test_from_attributes_names_the_field_and_the_choices(field: str) -> None:
    attributes = {field: "nonesuch"}

    with pytest.raises(ValueError, match=rf"{field} 'nonesuch' is unknown.*use one of: \w+") as refusal:
        ArtSpec.from_attributes("KES-RU-0001", "runners", attributes)

    assert "nonesuch" in str(refusal.value)


def test_from_sku_refuses_a_category_without_template() -> None:
    with pytest.raises(ValueError, match="category 'teapots' has no template; use one of: low-tops"):
        ArtSpec.from_sku("X-1", "teapots")
