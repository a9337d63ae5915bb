from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from recommendations.engine import artifacts
from recommendations.engine.answers.encoding import Traits
from recommendations.engine.answers.histories import UserHistories
from recommendations.engine.artifact_files import MANIFEST, seal, write_array
from recommendations.engine.attributes.metadata import UNKNOWN_TIME, Metadata
from recommendations.engine.exceptions import ArtifactCorrupt, ArtifactExists, NotFitted
from recommendations.engine.interactions import Interactions
from recommendations.engine.models.popularity import Popularity
from recommendations.engine.recipes import build_recommender


def make_log() -> Interactions:
    rng = np.random.default_rng(0)
    users = [f"üser-{number}" for number in rng.integers(0, 60, 2_000)]
    items = [f"SKU/{number} ☂" for number in rng.integers(0, 80, 2_000)]
    return Interactions.from_columns(users, items, rng.integers(0, 10**6, 2_000).tolist(), ["view"] * 2_000)


LOG = make_log()


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("artifacts") / "model"
    model = build_recommender().fit(LOG)
    artifacts.save(folder, model, UserHistories.from_interactions(LOG), {"recipe": "aws-user-personalization"})
    return folder


@pytest.fixture
def copy(saved: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(saved, tmp_path / "copy"))


def test_save_keeps_model_histories_and_notes(saved: Path) -> None:
    artifact = artifacts.load(saved)

    assert artifact.notes == {"recipe": "aws-user-personalization"}
    assert artifact.histories is not None
    assert artifact.histories.of("üser-7") == LOG.history("üser-7")[-50:]
    assert artifact.model.item_ids_ == LOG.item_ids


def test_save_keeps_what_is_known_of_items_and_users(tmp_path: Path) -> None:
    items = Metadata.build(
        ["new", LOG.item_ids[0]], [7, 8], {"BRAND": [("b",), ("a",)]}, {"PRICE": [1.0, 2.0]}, {"NAME": ["x", "y"]}
    )
    users = Metadata.build(["nobody yet", LOG.user_ids[0]], None, {"KIND": [("k", "l"), ()]}, {"AGE": [3.0, 4.0]})
    log = LOG.with_metadata(items, users)

    artifacts.save(tmp_path / "model", build_recommender().fit(log), items=items, users=users)
    artifact = artifacts.load(tmp_path / "model")

    assert artifact.items is not None
    assert artifact.items.ids == artifact.model.item_ids_ == log.item_ids
    assert artifact.items.categorical["BRAND"][log.item_ids.index("new")] == ("b",)
    assert artifact.items.created_at is not None
    assert sorted(set(artifact.items.created_at.tolist())) == [UNKNOWN_TIME, 7, 8]
    assert artifact.items.textual == {}
    assert artifact.traits_of("nobody yet") == Traits({"KIND": ("k", "l")}, {"AGE": 3.0})
    assert artifact.traits_of("a stranger") is None


def test_save_without_metadata_keeps_none(saved: Path) -> None:
    artifact = artifacts.load(saved)

    assert (artifact.items, artifact.users, artifact.traits_of("üser-7")) == (None, None, None)
    assert not [path.name for path in saved.iterdir() if path.name.startswith(("items", "users"))]


def test_load_refuses_metadata_of_another_catalogue(tmp_path: Path) -> None:
    items = Metadata.build(LOG.item_ids, numerical={"PRICE": [1.0] * LOG.n_items})
    artifacts.save(tmp_path / "model", Popularity().fit(LOG), items=items)
    short = np.ones(LOG.n_items - 1)
    manifest = json.loads((tmp_path / "model" / MANIFEST).read_bytes().partition(b"\n")[0])
    manifest["files"]["items.numerical.0"] = write_array(tmp_path / "model" / "items.numerical.0.npy", short)
    (tmp_path / "model" / MANIFEST).write_bytes(seal(manifest))

    with pytest.raises(ArtifactCorrupt, match=f"PRICE has {LOG.n_items - 1} values"):
        artifacts.load(tmp_path / "model")


def test_save_holds_no_pickle(saved: Path) -> None:
    for path in saved.glob("*.npy"):
        np.load(path, allow_pickle=False)


def test_save_of_the_same_training_gives_the_same_bytes(saved: Path, tmp_path: Path) -> None:
    again = tmp_path / "again"

    artifacts.save(
        again,
        build_recommender().fit(LOG),
        UserHistories.from_interactions(LOG),
        {"recipe": "aws-user-personalization"},
    )

    assert {path.name: path.read_bytes() for path in again.iterdir()} == {
        path.name: path.read_bytes() for path in saved.iterdir()
    }


def test_save_refuses_to_overwrite_unless_asked(copy: Path) -> None:
    other = Popularity().fit(LOG)

    with pytest.raises(ArtifactExists, match="already there"):
        artifacts.save(copy, other)
    artifacts.save(copy, other, replace=True)

    assert isinstance(artifacts.load(copy).model, Popularity)
    assert [path.name for path in copy.parent.iterdir()] == [copy.name]


def test_save_clears_what_a_killed_writer_left(tmp_path: Path) -> None:
    partial = tmp_path / ".model.partial"
    partial.mkdir()
    (partial / "model.scores.npy").write_bytes(b"half")

    artifacts.save(tmp_path / "model", Popularity().fit(LOG))

    artifacts.load(tmp_path / "model")
    assert not partial.exists()


def test_save_of_an_untrained_model_writes_nothing(tmp_path: Path) -> None:
    with pytest.raises(NotFitted):
        artifacts.save(tmp_path / "model", Popularity())

    assert list(tmp_path.iterdir()) == []


def test_load_finds_one_flipped_bit_in_any_file(copy: Path) -> None:
    rng = np.random.default_rng(0)
    for path in sorted(copy.iterdir()):
        good = path.read_bytes()
        for position in {0, len(good) - 1, int(rng.integers(len(good)))}:
            bad = bytearray(good)
            bad[position] ^= 1 << int(rng.integers(8))
            path.write_bytes(bad)

            with pytest.raises(ArtifactCorrupt):
                artifacts.load(copy)
        path.write_bytes(good)
    artifacts.load(copy)


def test_load_finds_any_missing_or_shortened_file(copy: Path) -> None:
    for path in sorted(copy.iterdir()):
        good = path.read_bytes()
        path.write_bytes(good[:-1])
        with pytest.raises(ArtifactCorrupt):
            artifacts.load(copy, verify=False)
        path.unlink()
        with pytest.raises(ArtifactCorrupt):
            artifacts.load(copy, verify=False)
        path.write_bytes(good)


@pytest.mark.parametrize(
    ("field", "value", "said"), [("format_version", 99, "format version 99"), ("model", {"name": "x"}, "'x'")]
)
def test_load_refuses_what_it_does_not_know(copy: Path, field: str, value: object, said: str) -> None:
    body = json.loads((copy / MANIFEST).read_bytes().partition(b"\n")[0])
    body[field] = value
    (copy / MANIFEST).write_bytes(seal(body))

    with pytest.raises(ArtifactCorrupt, match=said):
        artifacts.load(copy)


def test_load_of_nothing_is_corrupt(tmp_path: Path) -> None:
    with pytest.raises(ArtifactCorrupt, match="no readable manifest"):
        artifacts.load(tmp_path / "nowhere")


def test_load_keeps_serving_while_the_folder_is_replaced(copy: Path) -> None:
    served = artifacts.load(copy).model
    before = served.score(LOG.history("üser-7"))

    artifacts.save(copy, Popularity().fit(LOG), replace=True)

    np.testing.assert_array_equal(served.score(LOG.history("üser-7")), before)
