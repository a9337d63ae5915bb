"""The embedded backend's runtime: a memory-mapped model, a shopper's past and its live events, in this process."""

import uuid
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from heapq import merge
from itertools import chain
from operator import attrgetter

import numpy as np
from numpy.typing import NDArray

from recommendations.adapters.embedded.arrived import Arrived
from recommendations.adapters.embedded.because import Because
from recommendations.adapters.embedded.campaigns import OpenCampaigns, Serving
from recommendations.adapters.embedded.rings import NO_RING, read_ring
from recommendations.engine.answers.candidates import Candidates
from recommendations.engine.answers.encoding import Encoded, Traits
from recommendations.engine.answers.scoring import Scoring
from recommendations.engine.base import Recommender
from recommendations.engine.exceptions import InvalidFilterValue
from recommendations.engine.filters.masks import Asking
from recommendations.engine.interactions import Event
from recommendations.exceptions import InvalidInput
from recommendations.ports import NO_VALUES, RecommendationList

# Amazon Personalize API reference, GetRecommendations: the greatest numResults; GetPersonalizedRanking: of inputList.
MAX_K = 500


@dataclass(frozen=True, slots=True)
class _User:
    """Who asks: the keys of this person, all that is kept of their events, trained on or live, and their attributes."""

    keys: Sequence[str]
    events: Sequence[Event]
    traits: Traits | None


class EmbeddedRuntime:
    """Implements `ports.Runtime`. Threads share what is open."""

    def __init__(self) -> None:
        self._campaigns = OpenCampaigns()

    def get_recommendations(
        self,
        campaign_arn: str,
        *,
        k: int,
        user_id: str = "",
        item_id: str = "",
        filter_arn: str = "",
        filter_values: Mapping[str, str] = NO_VALUES,
        n_totalled: int = 0,
    ) -> RecommendationList:
        """Up to `k` items, by the model's past of the user and the events since, or by the item alone.

        Beyond the port, `n_totalled` asks for the sum of the scores of so many of the best items, listed or not.
        """
        if not 1 <= k <= MAX_K:
            raise InvalidInput(f"k == {k}: ask for 1 to {MAX_K} items.")
        serving = self._campaigns.find(campaign_arn)
        arrived = serving.arrived()
        user = _find_user(serving, user_id, arrived)
        basis = user.events
        if serving.relates_items:
            basis = _beside(item_id, user.events)
            item_id = basis[0].item_id if basis else ""
        allowed = None
        if filter_arn:
            with _refusing_values():
                item_filter = serving.filters.find(filter_arn)
                allowed = arrived.allowed(item_filter, _asking(serving, user, filter_values, item_id))
        model, recommendation_id = serving.artifact.model, uuid.uuid4().hex
        live = serving.seen_by(user_id)
        if serving.relates_items and arrived.new_ids:
            scoring, allowed = _relate(model, arrived, basis, allowed)
        else:
            scoring = model.scoring(model.encode(basis, live=live, traits=user.traits))
        best = _best(serving, arrived, scoring, max(k, n_totalled), allowed, recommendation_id)
        if serving.relates_items and not len(best.items):
            return RecommendationList(_general(model, k, allowed), recommendation_id, is_general=True)
        item_ids = arrived.name(best.items[:k], model.item_ids_)
        scores = dict(zip(item_ids, best.scores[:k].tolist(), strict=True))
        because: Mapping[str, str] = NO_VALUES
        if not serving.relates_items:
            because = Because(model, basis, scores, live=live, traits=user.traits)
        total = float(best.scores[:n_totalled].sum(dtype=np.float64))
        return RecommendationList(tuple(scores), recommendation_id, tuple(scores.values()), because, scores_total=total)

    def get_personalized_ranking(
        self,
        campaign_arn: str,
        *,
        user_id: str,
        item_ids: Sequence[str],
        filter_arn: str = "",
        filter_values: Mapping[str, str] = NO_VALUES,
    ) -> RecommendationList:
        """The given items, best first; those without a score keep their order at the end."""
        given = tuple(dict.fromkeys(item_ids))
        if len(given) > MAX_K:
            raise InvalidInput(f"item_ids has {len(given)} items: give at most {MAX_K}.")
        serving = self._campaigns.find(campaign_arn)
        if serving.relates_items:
            raise InvalidInput(f"campaign_arn == {campaign_arn!r}: its recipe relates items and ranks for nobody.")
        arrived = serving.arrived()
        user = _find_user(serving, user_id, arrived)
        if filter_arn:
            with _refusing_values():
                item_filter = serving.filters.find(filter_arn)
                given = arrived.passing(item_filter, given, _asking(serving, user, filter_values))
        if not given:
            return RecommendationList((), uuid.uuid4().hex)
        model, recommendation_id = serving.artifact.model, uuid.uuid4().hex
        encoded = model.encode(user.events, live=serving.seen_by(user_id), traits=user.traits)
        best = _rank(model, arrived, encoded, given, recommendation_id)
        ranked = dict.fromkeys(arrived.name(best.items, model.item_ids_))
        rest = [item for item in given if item not in ranked]
        return RecommendationList((*ranked, *rest), recommendation_id, tuple(best.scores.tolist()))

    def remember_list(self, campaign_arn: str, recommendation_id: str, item_ids: Iterable[str]) -> None:
        """Keep what a list held, for events that name nothing but the list; where nothing is explored, nothing is."""
        explorer = self._campaigns.find(campaign_arn).explorer
        if explorer is not None:
            explorer.remember_list(recommendation_id, item_ids)

    def look_again(self, campaign_arn: str) -> None:
        """Look a campaign up at the next request, for whoever knows that it changed; others wait some seconds."""
        self._campaigns.look_again(campaign_arn)

    def forget(self) -> None:
        """Drop every artifact; the next request opens what it needs."""
        self._campaigns.forget()


@contextmanager
def _refusing_values() -> Iterator[None]:
    try:
        yield
    except InvalidFilterValue as error:
        raise InvalidInput(str(error)) from error


def _best(
    serving: Serving,
    arrived: Arrived,
    scoring: Scoring,
    k: int,
    allowed: NDArray[np.bool_] | None,
    recommendation_id: str,
) -> Candidates:
    scoring = arrived.widen(scoring, recommendation_id)
    if serving.explorer is None:
        return scoring.best(k, allowed).best(k)
    return serving.explorer.best(
        scoring,
        k,
        allowed,
        recommendation_id=recommendation_id,
        newcomers=arrived.young_places,
        newcomer_ids=arrived.young_ids,
    )


def _relate(
    model: Recommender, arrived: Arrived, basis: Sequence[Event], allowed: NDArray[np.bool_] | None
) -> tuple[Scoring, NDArray[np.bool_]]:
    """What stands beside an item where some are new, it itself perhaps; and what may: all but the item."""
    may = np.ones(arrived.n_items + len(arrived.new_ids), np.bool_) if allowed is None else allowed.copy()
    item_ids = [event.item_id for event in basis[-1:]]
    known, new = model.indices_of(item_ids), arrived.places_of(item_ids)
    may[known], may[new] = False, False
    likes, weights = arrived.likes_of(int(new[0])) if len(new) else (known, np.ones(len(known), np.float32))
    return model.scoring_beside(likes, weights), may


def _rank(
    model: Recommender, arrived: Arrived, encoded: Encoded, given: Sequence[str], recommendation_id: str
) -> Candidates:
    """The given items that have a score, best first."""
    allowed = ~model.allow_all()
    allowed[model.indices_of(given)] = True
    found = model.score_candidates(encoded, allowed, len(given))
    new = arrived.places_of(given)
    if len(new):
        scores = arrived.widen(model.scoring(encoded), recommendation_id).at(new)
        tried = Candidates(new, scores).above_zero()
        found = Candidates(np.concatenate((found.items, tried.items)), np.concatenate((found.scores, tried.scores)))
    return found.best(len(given))


def _general(model: Recommender, k: int, allowed: NDArray[np.bool_] | None) -> tuple[str, ...]:
    """What stands beside an item that nobody touched yet: what suits any, of what passes the filter."""
    items = model.general_items()
    if allowed is not None:
        items = items[allowed[items]]
    return tuple(model.item_ids_[item] for item in items[:k].tolist())


def _find_user(serving: Serving, user_id: str, arrived: Arrived) -> _User:
    if not user_id:
        return _User((), (), None)
    ring = read_ring(serving.tracking_id, user_id) if serving.tracking_id else NO_RING
    known = serving.artifact.histories
    keys = (user_id, *ring.joined)
    past = [known.of(key) for key in keys] if known is not None else []
    # A tracker that outlives a training still holds what that was trained on.
    trained_on = set(chain.from_iterable(past))
    since = [event for event in ring.events if event not in trained_on]
    events = list(merge(*past, since, key=attrgetter("timestamp")))
    return _User(keys, events, arrived.traits_of(user_id) or serving.artifact.traits_of(user_id))


def _asking(serving: Serving, user: _User, values: Mapping[str, str], item_id: str = "") -> Asking:
    known = serving.artifact.histories

    def older(event_types: Collection[str] | None) -> list[str]:
        return [item for key in user.keys for item in known.older(key, event_types)] if known is not None else []

    return Asking(user.events, user.traits, item_id, values, older)


def _beside(item_id: str, events: Sequence[Event]) -> Sequence[Event]:
    """The history of one item that a recipe relates others to."""
    return [Event(item_id, events[-1].timestamp if events else 0, "")] if item_id else events[-1:]
