"""Which columns a solution or recommender is not trained on, held to its group's schemas."""

from collections.abc import Mapping
from typing import Any

from recommendations.adapters.embedded.imports import schema_of
from recommendations.datasets import REQUIRED_COLUMNS
from recommendations.models.resources import Dataset, DatasetGroup
from recommendations.server.wire.faults import invalid


def check_training_data(group: DatasetGroup, config: Mapping[str, Any], field: str) -> None:
    """Refuse a `trainingDataConfig` that names what is not there, or what no training can do without.

    Args:
        group: whose datasets it names.
        config: a solution's or recommender's configuration.
        field: how a refusal calls it.

    Raises:
        ApiFault: InvalidInputException; the message names the dataset and the column.
    """
    given = config.get("trainingDataConfig", {})
    if given.get("includedDatasetColumns"):
        raise invalid(f"{field}.trainingDataConfig.includedDatasetColumns: name what to leave out instead.")
    datasets = Dataset.objects.select_related("schema").filter(dataset_group=group)
    columns = {dataset.dataset_type: {each["name"] for each in schema_of(dataset)["fields"]} for dataset in datasets}
    for dataset_type, names in given.get("excludedDatasetColumns", {}).items():
        at = f"{field}.trainingDataConfig.excludedDatasetColumns.{dataset_type}"
        known = columns.get(dataset_type.upper())
        if known is None:
            raise invalid(f"{at}: the dataset group has no such dataset; it has {', '.join(columns) or 'none'}.")
        for name in names:
            if name in REQUIRED_COLUMNS:
                raise invalid(f"{at}: {name} cannot be left out.")
            if name not in known:
                raise invalid(f"{at}: there is no column {name}; there are {', '.join(sorted(known))}.")
