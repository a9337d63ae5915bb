"""Which limit a route falls under, by its name; whatever changes something and is not named falls under `writes`."""

# Pages that ask who is signed in for the password again: whose it is, nobody types.
OWN_PASSWORD = frozenset({"password-change", "profile", "tokens"})
# Each of them answers whether a password is right, or sends a way to a new one.
SIGN_IN = frozenset({"admin:login", "password-reset", "sign-in", *OWN_PASSWORD})
SIGN_UP = frozenset({"sign-up"})
ORDERS = frozenset({"ask", "bid", "buy", "cancel-ask", "cancel-bid", "my-ask", "my-bid", "sell"})
SEARCH = frozenset({"search"})
SUGGESTIONS = frozenset({"suggest"})
# The beacon counts its shoppers itself; API routes are counted once it is known whose token was shown.
UNCOUNTED = frozenset({"events"})
API_PREFIX = "api-"


def limit_of_route(view_name: str, *, is_write: bool) -> str | None:
    """The limit's name, or None where a request is not counted here.

    Args:
        view_name: the resolved route's, with its namespace.
        is_write: whether the method may change something.
    """
    if view_name in UNCOUNTED or view_name.startswith(API_PREFIX):
        return None
    if not is_write:
        return "search" if view_name in SEARCH else "suggestions" if view_name in SUGGESTIONS else None
    for name, routes in (("sign_in", SIGN_IN), ("sign_up", SIGN_UP), ("orders", ORDERS)):
        if view_name in routes:
            return name
    return "writes"
