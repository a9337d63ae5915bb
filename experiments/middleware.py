"""Takes testers' overrides from the address into a signed cookie, and keeps their pages out of shared caches."""

from collections.abc import Callable, Mapping

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.cache import patch_cache_control

from experiments import overrides
from experiments.overrides import LEAVE, PARAMETER, Override, OverrideRefused
from experiments.snapshot import get_snapshot


class OverrideMiddleware:
    """After authentication: `?xp_<key>=<variation>` for staff, or a signed value for anybody; `?xp_leave` ends it.

    What is accepted is answered with a redirect to the same address without it, so that it is neither shared nor
    counted by accident. What is refused is said on the page (`request.override_refusals`).
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        asked = [name for name in request.GET if name.startswith(PARAMETER)] if request.META["QUERY_STRING"] else []
        if asked and request.method in {"GET", "HEAD"}:
            answer = _take(request, asked)
            if answer is not None:
                return answer
        response = self._get_response(request)
        if overrides.COOKIE in request.COOKIES and overrides.read(request):
            patch_cache_control(response, private=True, no_store=True)
        return response


def _take(request: HttpRequest, asked: list[str]) -> HttpResponse | None:
    """The redirect that carries the cookie, or None where nothing was accepted."""
    held = {} if LEAVE in asked else dict(overrides.read(request))
    accepted, refusals = _judge(request, [name for name in asked if name != LEAVE])
    if not accepted and LEAVE not in asked:
        request.override_refusals = refusals  # type: ignore[attr-defined]
        return None
    query = request.GET.copy()
    for name in asked:
        del query[name]
    # Two slashes at the start would name another host.
    path = "/" + request.path.lstrip("/")
    response = HttpResponseRedirect(f"{path}?{query.urlencode()}" if query else path)
    overrides.write(response, {**held, **accepted})
    patch_cache_control(response, private=True, no_store=True)
    return response


def _judge(request: HttpRequest, names: list[str]) -> tuple[Mapping[str, Override], list[str]]:
    """What may be forced, and why the rest may not; experiments that are unknown are passed over."""
    accepted, refusals = {}, []
    for name in names:
        key = name.removeprefix(PARAMETER)
        flag = get_snapshot().experiments.get(key)
        if flag is None or flag.experiment is None:
            continue
        try:
            override = _verify(request, key, request.GET[name])
            if override.variation not in flag.experiment.variations:
                known = ", ".join(flag.experiment.variations)
                raise OverrideRefused(f"{name}: there is no variation {override.variation!r}. Ask for one of {known}.")
            accepted[key] = override
        except OverrideRefused as refusal:
            refusals.append(str(refusal))
    return accepted, refusals


def _verify(request: HttpRequest, key: str, value: str) -> Override:
    if ":" in value:
        return overrides.verify(key, value)
    user = getattr(request, "user", None)
    if user is None or not user.is_active or not user.is_staff:
        raise OverrideRefused("Only staff may choose a variation without a signed link. Ask for one, or sign in.")
    return overrides.grant(value)
