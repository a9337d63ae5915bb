"""HRNN with metadata: attributes are part of every item's vector, and users' attributes begin their states."""

from __future__ import annotations

import inspect
from typing import ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from recommendations.engine.answers.encoding import Traits
from recommendations.engine.attributes.features import make_features
from recommendations.engine.attributes.metadata import Metadata
from recommendations.engine.attributes.traits import TraitTable
from recommendations.engine.base import require_range
from recommendations.engine.exceptions import MissingMetadata
from recommendations.engine.interactions import Interactions
from recommendations.engine.models.hrnn import Hrnn
from recommendations.engine.neural.cells import Array
from recommendations.engine.neural.description import Description, Matrix
from recommendations.engine.neural.learning import Describe
from recommendations.engine.neural.network import Network
from recommendations.engine.neural.warm_start import Previous
from recommendations.engine.training import TrainingRun

# An attribute of one item alone is but another id; in a large catalogue one of a handful still is, and long trainings
# learn by heart what they should learn of new items: it takes one item in so many to have it, 2 to 10 of them.
SHARING = 300
FEWEST_ITEMS, ENOUGH_ITEMS = 2, 10


class HrnnMetadata(Hrnn):
    """HRNN whose item vectors are an own part plus the sum of the attributes' vectors.

    That holds for items as input, as what comes next, and for how popular they are. Before the first step attributes
    are set to what they tell of the factorised vectors (ridge regression), and only the rest is an item's own. An item
    that nobody touched has the attributes' part alone. A user's attributes, through one layer, are the state that the
    person begins with; a newcomer of whom attributes are known gets a list by them.

    Serving costs what HRNN costs: the parts are added up once, at the end of the training.

    Args:
        hidden_dimension, bptt, given: see `Hrnn`.
        id_dropout: share of items whose own part a step leaves out, 0..0.9, so that attributes learn to do alone.

    Source:
        Amazon Personalize developer guide, "HRNN-Metadata recipe (legacy)"; for own vectors left out at random,
        Volkovs et al., "DropoutNet: addressing cold start in recommender systems" (2017).
    """

    name: ClassVar[str] = "hrnn_metadata"
    learned: ClassVar[tuple[str, ...]] = (
        *Hrnn.learned,
        *(f"{name}_" for name in Network.names_of_description()),
        "item_keys_",
        *(f"user_{name}_" for name in TraitTable.arrays),
    )
    # Of what attributes are needed: either, or items' in any case.
    needs_items: ClassVar[bool] = False

    attributes_in_: NDArray[np.float32]
    attributes_out_: NDArray[np.float32]
    attributes_bias_: NDArray[np.float32]
    traits_: NDArray[np.float32]
    item_keys_: NDArray[np.uint64]
    _attributes: _Attributes
    _table: TraitTable

    def __init__(
        self, hidden_dimension: int = 128, bptt: int = 32, *, id_dropout: float = 0.0, **given: object
    ) -> None:
        super().__init__(hidden_dimension, bptt, **given)  # type: ignore[arg-type]
        self.id_dropout = id_dropout

    def hyperparameters(self) -> dict[str, object]:
        """Return the arguments of all constructors as they were given."""
        owners = [owner for owner in type(self).__mro__ if "__init__" in vars(owner) and issubclass(owner, Hrnn)]
        names = [
            parameter.name
            for owner in reversed(owners)
            for parameter in inspect.signature(owner).parameters.values()
            if parameter.kind is not inspect.Parameter.VAR_KEYWORD
        ]
        return {name: getattr(self, name) for name in names}

    def as_previous(self) -> Previous:
        """Return what the training of a later model goes on from.

        Raises:
            NotFitted: the model was not trained.
        """
        before = super().as_previous()
        told = {name: getattr(self, f"{name}_") for name in Network.names_of_description()}
        return before._replace(
            weights={**before.weights, **told}, item_keys=self.item_keys_, user_keys=self._table.keys
        )

    def check(self) -> None:
        """Raise InvalidHyperparameter for one that is out of range."""
        super().check()
        require_range("id_dropout", self.id_dropout, 0, 0.9)

    def _learn(self, interactions: Interactions, weights: NDArray[np.float32], run: TrainingRun) -> None:
        self._attributes = attributes = self._read_attributes(interactions)
        super()._learn(interactions, weights, run)
        del self._attributes
        self.popularity_ = expect_popularity(self.popularity_, attributes.items)
        self.item_keys_ = attributes.item_keys
        for name in TraitTable.arrays:
            setattr(self, f"user_{name}_", getattr(attributes.table, name))

    def _read_attributes(self, interactions: Interactions) -> _Attributes:
        items, users = interactions.item_metadata, interactions.user_metadata
        if items is None and (users is None or self.needs_items):
            raise MissingMetadata(
                f"{self.name} learns from attributes, and the interactions come without those of items"
                f"{'' if self.needs_items else ' or users'}. Import the data set Items"
                f"{'' if self.needs_items else ' or Users'}, or choose aws-hrnn."
            )
        features = make_features(items if items is not None else Metadata(interactions.item_ids))
        n_needed = min(max(interactions.n_items // SHARING, FEWEST_ITEMS), ENOUGH_ITEMS)
        columns = np.flatnonzero(np.bincount(features.indices, minlength=features.shape[1]) >= n_needed)
        known_users = users if users is not None else Metadata(interactions.user_ids)
        table = TraitTable.learn(known_users)
        return _Attributes(features[:, columns], columns.astype(np.uint64), table, table.encode(known_users))

    def _describe(self, interactions: Interactions) -> Describe:
        attributes = self._attributes

        def describe(n_events: NDArray[np.int64]) -> Description:
            return Description(
                items=attributes.items,
                item_keys=attributes.item_keys,
                users=attributes.users,
                user_keys=attributes.table.keys,
                n_events=n_events,
                own=(~self.find_cold(interactions)).astype(np.float32),
                id_dropout=self.id_dropout,
            )

        return describe

    def find_cold(self, interactions: Interactions) -> NDArray[np.bool_]:
        """Return which items are known by their attributes alone, whatever events they have; shape (n_items,)."""
        return np.zeros(interactions.n_items, np.bool_)

    def _begin_person(self, traits: Traits | None) -> Array | None:
        if not self._table.n_columns:
            return None
        if traits is None:
            return np.zeros(self.traits_.shape[1], np.float32)
        columns, values = self._table.encode_one(traits)
        begun: Array = np.tanh(values @ self.traits_[columns])
        return begun

    def _index_items(self) -> None:
        super()._index_items()
        self._table = TraitTable(**{name: getattr(self, f"user_{name}_") for name in TraitTable.arrays})


class _Attributes(NamedTuple):
    """What is known of items and users, encoded; see `Description`."""

    items: Matrix
    item_keys: NDArray[np.uint64]
    table: TraitTable
    users: Matrix


def expect_popularity(popularity: NDArray[np.float32], attributes: Matrix) -> NDArray[np.float32]:
    """Return the popularity of every item, shape (n_items,): of those without an event the mean of their like.

    Args:
        popularity: 0 for items without an event, shape (n_items,).
        attributes: shape (n_items, n_columns). An item shares each of its attributes with others, whose mean it takes;
            one that shares none is as popular as the least popular item.
    """
    is_met = popularity > 0
    shares = attributes.T @ is_met.astype(np.float32)
    means = (attributes.T @ popularity) / np.maximum(shares, 1e-12)
    known = attributes @ (shares > 0).astype(np.float32)
    expected = np.where(known > 0, (attributes @ means) / np.maximum(known, 1e-12), 0.0)
    least = popularity[is_met].min(initial=1.0)
    return np.where(is_met, popularity, np.maximum(expected, least)).astype(np.float32)
