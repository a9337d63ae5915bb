"""Errors of this package; each carries a stable code for logs, API and metrics."""


class RecommendationsError(Exception):
    """Base of this package's errors."""

    code = "recommendations_error"
    retryable = False


class BackendUnavailable(RecommendationsError):
    """The backend did not answer, or not in time."""

    code = "backend_unavailable"
    retryable = True


class BackendThrottled(BackendUnavailable):
    """The backend asks for a slower pace."""

    code = "backend_throttled"


class BackendRefused(RecommendationsError):
    """The backend does not let this shop in: credentials, a role or a policy is missing or wrong."""

    code = "backend_refused"


class ResourceNotFound(RecommendationsError):
    """The backend knows no resource of this ARN."""

    code = "resource_not_found"


class ResourceNotReady(RecommendationsError):
    """The resource exists and is not ACTIVE yet."""

    code = "resource_not_ready"
    retryable = True


class InvalidInput(RecommendationsError):
    """A request names a wrong value; the message names the field and the fix."""

    code = "invalid_input"


class StreamUnavailable(RecommendationsError):
    """The event stream is out of reach or full."""

    code = "stream_unavailable"
    retryable = True


class IllegalTransition(RecommendationsError):
    """A retrain run was asked for a step that does not follow from its status."""

    code = "illegal_transition"


class LeaseHeld(RecommendationsError):
    """Another process works on this row; the message says which and until when."""

    code = "lease_held"
    retryable = True


class LeaseLost(RecommendationsError):
    """The lease ran out and another process took over; nothing more may be recorded."""

    code = "lease_lost"


class SwapRefused(RecommendationsError):
    """The live pointer may not move there; the message says why."""

    code = "swap_refused"


class BudgetExceeded(RecommendationsError):
    """A paid act would cost more than the month's budget leaves; the message says how much, and what to do."""

    code = "budget_exceeded"
