"""The shop's payloads where no test has trained a campaign: whatever they name is as good as live."""

from collections.abc import Mapping, Sequence
from typing import Any

from storefront.second_row.payload_rules import RowPayloads


class UntrainedRow(RowPayloads):
    """Finds no fault; all else is the shop's."""

    def find_faults(self, _payload: Mapping[str, Any], _design: str) -> Sequence[str]:
        return ()
