"""The pages of passwords: change it, or set a new one by a link from the mail."""

from typing import Any

from django.conf import settings
from django.contrib.auth.mixins import LoginRequiredMixin
from django.contrib.auth.views import PasswordChangeView, PasswordResetConfirmView
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse, reverse_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe
from kombu.exceptions import OperationalError

from storefront.access.tokens import revoke_all
from storefront.accounts.forms import ChangePasswordForm, LostPasswordForm, NewPasswordForm
from storefront.accounts.resetting import tokens
from storefront.accounts.tasks import send_reset_links


class ChangePassword(LoginRequiredMixin, PasswordChangeView):
    """Keeps the device signed in that changes it; every other one is signed out, and every token ends."""

    template_name = "accounts/password.html"
    form_class = ChangePasswordForm
    success_url = reverse_lazy("profile")

    def form_valid(self, form: Any) -> HttpResponse:
        response = super().form_valid(form)
        revoke_all(account=form.user)
        return HttpResponseRedirect(f"{response['Location']}?saved=password")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def lost_password(request: HttpRequest) -> HttpResponse:
    """Ask for the address; what follows is the same whether or not an account names it, and takes as long."""
    form = LostPasswordForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return render(request, "accounts/lost_password.html", {"form": form}, status=400 if form.errors else 200)
    try:
        send_reset_links.delay(form.cleaned_data["email"], f"{request.scheme}://{request.get_host()}")
    except (OperationalError, OSError):
        form.add_error(None, "No mail can be sent at the moment. Try again in a minute.")
        return render(request, "accounts/lost_password.html", {"form": form}, status=503)
    return redirect("password-reset-sent")


@require_safe
def link_sent(request: HttpRequest) -> HttpResponse:
    return render(request, "accounts/link_sent.html", {"minutes": settings.PASSWORD_RESET_TIMEOUT // 60})


class NewPassword(PasswordResetConfirmView):
    """A link that is old, used or not ours leads to a page that says so; the token never stays in the address."""

    template_name = "accounts/new_password.html"
    form_class = NewPasswordForm
    token_generator = tokens

    def form_valid(self, form: Any) -> HttpResponse:
        response = super().form_valid(form)
        revoke_all(account=form.user)
        return response

    def get_success_url(self) -> str:
        return f"{reverse('sign-in')}?new-password=1"

    def render_to_response(self, context: dict[str, Any], **response_kwargs: Any) -> Any:
        return super().render_to_response(context, status=200 if self.validlink else 410, **response_kwargs)
