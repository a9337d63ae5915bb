"""PURE the one list of what a retrain run can be at, for its rows and for its transitions alike."""

from enum import StrEnum


class RetrainStatus(StrEnum):
    """The step that a run is at, or how it ended; in the order of a run."""

    PROVISION = "provision"
    EXPORT = "export"
    IMPORT = "import"
    TRAIN = "train"
    EVALUATE = "evaluate"
    DEPLOY = "deploy"
    HEARTBEAT = "heartbeat"
    SWAP = "swap"
    DRAIN = "drain"
    TEARDOWN = "teardown"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    ABANDONED = "abandoned"


FINISHED = frozenset({RetrainStatus.SUCCEEDED, RetrainStatus.FAILED, RetrainStatus.ABANDONED})
