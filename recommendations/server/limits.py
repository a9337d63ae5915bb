"""PURE limits that botocore's model lacks, in one table, and the refusals they lead to."""

from collections.abc import Callable

from recommendations.server.wire.faults import ApiFault, invalid

# Amazon Personalize developer guide, "Quotas": how many there may be.
MAX_SCHEMAS = 500
MAX_DATASET_GROUPS = 5
MAX_PENDING_IMPORTS = 5
MAX_PENDING_VERSIONS = 20
MAX_SOLUTIONS_IN_GROUP = 10
MAX_CAMPAIGNS_IN_GROUP = 5
MAX_FILTERS_IN_GROUP = 10
MAX_RECOMMENDERS = 15
# Requests a second of all campaigns together.
MAX_TPS = 2_500
MAX_TAGS = 50
# Amazon Personalize API reference: the most of a list's page, and how many where nothing is asked.
MAX_RESULTS = 100
# GetRecommendations: the greatest numResults, and with metadata; GetPersonalizedRanking: the longest inputList.
MAX_NUM_RESULTS = 500
MAX_NUM_RESULTS_WITH_METADATA = 50
MAX_INPUT_LIST = 500
MAX_METADATA_COLUMNS = 10


def require_room(count: Callable[[], int], limit: int, what: str) -> None:
    """Refuse one more where the limit is reached.

    Args:
        count: how many there are.
        limit: how many there may be.
        what: in plural, `dataset groups` for example.

    Raises:
        ApiFault: LimitExceededException.
    """
    if count() >= limit:
        raise ApiFault("LimitExceededException", f"More than {limit} {what}. Delete one that is not needed any more.")


def check_tps(field: str, tps: int) -> int:
    """Return a throughput that may be asked for.

    Raises:
        ApiFault: InvalidInputException.
    """
    if not 1 <= tps <= MAX_TPS:
        raise invalid(f"{field} == {tps}: give 1 to {MAX_TPS}.")
    return tps


def require_room_for_pending(count: Callable[[], int], limit: int) -> None:
    """Refuse one more that would wait, in Amazon's words.

    Raises:
        ApiFault: LimitExceededException.
    """
    if count() >= limit:
        raise ApiFault("LimitExceededException", f"More than {limit} resources with PENDING or IN_PROGRESS status.")
