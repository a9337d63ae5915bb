"""Where a form leads back to: the page that it stood on, if it names one of the shop's."""

from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme


def read_next(request: HttpRequest, otherwise: str) -> str:
    """The address that a form's `next` names.

    Args:
        request: with the form.
        otherwise: for a form that names none, or what is no address of this shop from its root on.
    """
    back = request.POST.get("next", "")
    return back if is_of_shop(back) else otherwise


def is_of_shop(address: str) -> bool:
    """Whether it is one of this shop from its root on; a path may begin as another host's address does."""
    return address.startswith("/") and url_has_allowed_host_and_scheme(address, allowed_hosts=None)
