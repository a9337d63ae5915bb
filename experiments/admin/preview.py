"""What does this shopper get, and why: the walk through every experiment, and links for testers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.views.decorators.http import require_safe

from experiments import overrides
from experiments.admin.permissions import RAMP_PERMISSION, VIEW_PERMISSION
from experiments.conf import known_attributes
from experiments.explaining import Explanation, Subject, explain
from experiments.hooks import Person, find_people
from experiments.models import Experiment, Exposure

MAX_EXPOSURES = 50
DEFAULT_HOURS = 24
ATTRIBUTE_PREFIX = "is_"


class PreviewForm(forms.Form):
    """Who is asked about, and what is to be known of them; every field may be left out."""

    who = forms.CharField(
        label="Username, e-mail address or shopper key",
        max_length=254,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    bot = forms.BooleanField(label="As a bot", required=False)
    no_consent = forms.BooleanField(label="Without consent", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, values in known_attributes().items():
            choices = [("", "not known"), *((value, value) for value in values)]
            label = name.replace("_", " ").capitalize()
            self.fields[f"{ATTRIBUTE_PREFIX}{name}"] = forms.ChoiceField(choices=choices, required=False, label=label)

    def read_attributes(self) -> Mapping[str, str]:
        """What is said to be known of the unit."""
        given = {name: self.cleaned_data.get(f"{ATTRIBUTE_PREFIX}{name}") for name in known_attributes()}
        return {name: value for name, value in given.items() if value}


class LinkForm(forms.Form):
    """For whom a link is made: an experiment's variation, for some hours."""

    variation = forms.ChoiceField(label="Variation")
    hours = forms.FloatField(
        label="For how many hours", min_value=0.1, max_value=overrides.MAX_HOURS, initial=DEFAULT_HOURS
    )

    def __init__(self, *args: Any, experiments: Sequence[Experiment], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["variation"] = forms.ChoiceField(
            label="Variation",
            choices=[
                (each.name, [(f"{each.key}:{row.key}", row.name) for row in each.variations.all()])
                for each in experiments
            ],
        )

    def make_link(self, request: HttpRequest) -> str:
        """The shop's front page with the variation asked for and signed."""
        key, _, variation = self.cleaned_data["variation"].partition(":")
        query = overrides.make_query(key, variation, self.cleaned_data["hours"])
        return request.build_absolute_uri(f"/?{query}")


@dataclass(frozen=True, slots=True)
class ExperimentAnswer:
    experiment: Experiment
    explanation: Explanation
    variation: str


@dataclass(frozen=True, slots=True)
class PersonAnswer:
    """One person that the text names: what they get in each experiment, and what they were shown."""

    person: Person
    answers: tuple[ExperimentAnswer, ...]
    exposures: tuple[Exposure, ...]


@require_safe
def show_preview(request: HttpRequest) -> HttpResponse:
    """Answer for whoever the text names; never writes an exposure."""
    if not request.user.has_perm(VIEW_PERMISSION):
        raise PermissionDenied
    experiments = list(Experiment.objects.select_related("flag").prefetch_related("variations"))
    form = PreviewForm(request.GET or None)
    can_link = request.user.has_perm(RAMP_PERMISSION) and bool(experiments)
    link_form = LinkForm(request.GET if "variation" in request.GET else None, experiments=experiments)
    context = {
        **admin.site.each_context(request),
        "title": "What does this shopper get?",
        "opts": Experiment._meta,  # noqa: SLF001
        "form": form,
        "people": answer_for(form, experiments) if form.is_valid() else (),
        "link_form": link_form if can_link else None,
        "link": link_form.make_link(request) if can_link and link_form.is_valid() else "",
    }
    return TemplateResponse(request, "admin/experiments/experiment/preview.html", context)


def answer_for(form: PreviewForm, experiments: Sequence[Experiment]) -> list[PersonAnswer]:
    """What each person that the form names gets, in every experiment."""
    text = form.cleaned_data["who"].strip()
    if not text:
        return []
    return [_answer(person, form, experiments) for person in find_people(text)]


def _answer(person: Person, form: PreviewForm, experiments: Sequence[Experiment]) -> PersonAnswer:
    subject = Subject(
        unit=person.unit,
        user=person.user,
        is_bot=form.cleaned_data["bot"],
        has_consent=not form.cleaned_data["no_consent"],
        attributes=form.read_attributes(),
    )
    shown = Exposure.objects.filter(unit=person.unit) if person.unit else Exposure.objects.none()
    shown = shown.select_related("phase__experiment", "variation").order_by("-first_at")
    return PersonAnswer(
        person=person,
        answers=tuple(_explain(experiment, subject) for experiment in experiments),
        exposures=tuple(shown[:MAX_EXPOSURES]),
    )


def _explain(experiment: Experiment, subject: Subject) -> ExperimentAnswer:
    explanation = explain(experiment.key, subject)
    names = {row.key: row.name for row in experiment.variations.all()}
    key = explanation.assignment.variation
    return ExperimentAnswer(experiment, explanation, names.get(key, key))
