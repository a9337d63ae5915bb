"""What is measured on is what was exported, but for what would tell the answers."""

from pathlib import Path

from recommendations.pipeline.etl.loading import load_datasets
from recommendations.ports import DatasetType

FILES = {
    DatasetType.INTERACTIONS: "USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE,EVENT_VALUE\nann,a,1,product_view,\n",
    DatasetType.ITEMS: "ITEM_ID,CREATION_TIMESTAMP,CATEGORY_L1,BRAND,PRICE\na,1,Caps,North,1.5\nb,1,Caps,North,2.5\n",
    DatasetType.USERS: "USER_ID,FIRST_SEEN_MONTH,FAVOURITE_CATEGORY\nann,2026-03,Caps\n",
}


def test_load_datasets_tells_nothing_of_shoppers_that_held_out_events_would_tell(tmp_path: Path) -> None:
    paths = {kind: tmp_path / f"{kind.value}.csv" for kind in FILES}
    for kind, path in paths.items():
        path.write_text(FILES[kind])

    loaded = load_datasets(paths)

    assert loaded.item_ids == ("a", "b")
    assert loaded.item_metadata is not None
    assert loaded.user_metadata is not None
    assert [*loaded.user_metadata.categorical] == ["FIRST_SEEN_MONTH"]
