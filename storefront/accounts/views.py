"""Joining, signing in and out, and signing in by a link from the operator."""

from typing import Any

from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView, LogoutView, RedirectURLMixin
from django.forms import ModelForm
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods
from django.views.generic import CreateView

from recommendations.events.identity import adopt
from storefront.accounts.forms import SignInForm, SignUpForm
from storefront.accounts.joining import joining
from storefront.accounts.links import read_link_token
from storefront.accounts.models import User

PASSWORD_BACKEND = "django.contrib.auth.backends.ModelBackend"  # noqa: S105


def enter(request: HttpRequest, user: User) -> None:
    """Sign the user in; account and device agree on one shopper key, and one unit in experiments, from here on."""
    with joining(request):
        login(request, user, backend=PASSWORD_BACKEND)
        adopt(request, user)


class SignIn(LoginView):
    template_name = "accounts/sign_in.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        enter(self.request, form.get_user())
        return HttpResponseRedirect(self.get_success_url())


class SignUp(RedirectURLMixin, CreateView):  # type: ignore[type-arg]
    template_name = "accounts/sign_up.html"
    form_class = SignUpForm
    next_page = settings.LOGIN_REDIRECT_URL

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.user.is_authenticated:
            return HttpResponseRedirect(self.get_success_url())
        return super().dispatch(request, *args, **kwargs)

    def form_valid(self, form: "ModelForm[User]") -> HttpResponse:
        self.object = form.save()
        enter(self.request, self.object)
        return HttpResponseRedirect(self.get_success_url())


class SignOut(LogoutView):
    """The device keeps its key, so that nobody changes sides in an experiment; the privacy page can forget it."""

    next_page = settings.LOGOUT_REDIRECT_URL


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def enter_by_link(request: HttpRequest, token: str) -> HttpResponse:
    """Ask first, sign in on POST: a preview or a prefetch of the link must change nothing."""
    if not settings.SHOPPER_LOGIN:
        raise Http404("Sign-in links are switched off: SHOPPER_LOGIN.")
    user = read_link_token(token)
    if user is None:
        return render(request, "accounts/link_expired.html", status=410)
    if request.method != "POST":
        return render(request, "accounts/enter.html", {"entering": user})
    enter(request, user)
    return redirect(settings.LOGIN_REDIRECT_URL)
