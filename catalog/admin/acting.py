"""The page that asks before something is done: what will happen, a form, one button; and the record of who did it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.models import ADDITION, CHANGE, LogEntry
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse

from catalog.exceptions import CatalogError
from catalog.limits import MAX_REASON


class ReasonForm(forms.Form):
    """Why; kept for good."""

    reason = forms.CharField(
        label="Why?",
        max_length=MAX_REASON,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Say why, in a few words. It is kept for good."},
    )


@dataclass(frozen=True, slots=True)
class Act:
    """Something that can be done: its words, its form, and what does it and tells what was done."""

    title: str
    effect: str
    button: str
    back: str
    form: type[forms.Form]
    run: Callable[[dict[str, Any]], tuple[Model, str]]
    initial: dict[str, Any] | None = None
    is_danger: bool = False
    is_addition: bool = False


def answer(request: HttpRequest, model_admin: "admin.ModelAdmin[Any]", act: Act) -> HttpResponse:
    """Ask (GET), or do it and go back (POST); what a service refuses is told above the form, and nothing is done.

    Args:
        request: of somebody who was found to have the permission.
        model_admin: whose page it is.
        act: what is asked.
    """
    if request.method != "POST":
        return _render(request, model_admin, act, act.form(initial=act.initial))
    form = act.form(request.POST)
    if not form.is_valid():
        return _render(request, model_admin, act, form, status=400)
    try:
        changed, told = act.run(form.cleaned_data)
    except CatalogError as refusal:
        form.add_error(None, str(refusal))
        return _render(request, model_admin, act, form, status=409)
    author: int = request.user.pk  # type: ignore[assignment]
    flag = ADDITION if act.is_addition else CHANGE
    LogEntry.objects.log_actions(author, [changed], flag, told, single_object=True)
    messages.success(request, told)
    return HttpResponseRedirect(act.back)


def _render(
    request: HttpRequest, model_admin: "admin.ModelAdmin[Any]", act: Act, form: forms.Form, status: int = 200
) -> HttpResponse:
    context = {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "title": act.title,
        "act": act,
        "form": form,
    }
    return TemplateResponse(request, "admin/catalog/act.html", context, status=status)
