"""The forms of a rotation: to make one with its recipe, to let one sleep, and to budget its trainings."""

from typing import Any, ClassVar

from django import forms

from recommendations.engine.recipes import OFFERED_RECIPES
from recommendations.exceptions import InvalidInput
from recommendations.models import Rotation
from recommendations.pipeline.rotations import LONGEST_BUDGET_S, OLDEST_CUT_OFF_DAYS, check_rotation, find_uses

FIELD = {"key": "key", "slot": "slot", "recipe": "recipe", "hyperparameters": "hyperparameters"}


class NewRotationForm(forms.ModelForm):  # type: ignore[type-arg]
    """A rotation to be: its key, slot and recipe never change."""

    recipe = forms.ChoiceField(
        choices=[(recipe.name, f"{recipe.name}: {recipe.summary}") for recipe in OFFERED_RECIPES.values()],
        help_text="Another recipe is another rotation, so that an experiment can tell them apart.",
    )

    class Meta:
        model = Rotation
        fields = ("key", "slot", "recipe", "hyperparameters")
        help_texts: ClassVar = {
            "key": "What a variation's payload names, for example home-popular. It never changes.",
            "slot": "The place that it serves, for example home-recommended.",
            "hyperparameters": 'Numbers by name, for example {"neighbours": 200}; the recipe\'s defaults where empty.',
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        slots = Rotation.objects.order_by("slot").values_list("slot", flat=True).distinct()
        if slots:
            self.fields["slot"].help_text += f" In use: {', '.join(slots)}."

    def clean(self) -> dict[str, Any]:
        """Refuse what no retrain could build, at the field that is wrong."""
        cleaned = super().clean() or {}
        if self.errors:
            return cleaned
        hyperparameters = cleaned.get("hyperparameters") or {}
        if not isinstance(hyperparameters, dict):
            self.add_error("hyperparameters", 'Give an object, for example {"neighbours": 200}.')
            return cleaned
        try:
            check_rotation(cleaned["key"], cleaned["slot"], cleaned["recipe"], hyperparameters)
        except InvalidInput as error:
            named = str(error).split()[0].rstrip(":;")
            self.add_error(FIELD.get(named), str(error))
        return cleaned


class RotationForm(forms.ModelForm):  # type: ignore[type-arg]
    """A rotation that exists: it may be enabled or disabled, its trainings given a budget, its exploration set."""

    exploration_weight = forms.FloatField(
        min_value=0,
        max_value=1,
        required=False,
        help_text="0 to 1, by the next retrain. aws-user-personalization alone explores new items; 0 explores nothing.",
    )
    exploration_age_cut_off_days = forms.FloatField(
        min_value=0, max_value=OLDEST_CUT_OFF_DAYS, required=False, help_text="Up to which age an item is new."
    )

    class Meta:
        model = Rotation
        fields = ("is_active", "training_budget_s", "exploration_weight", "exploration_age_cut_off_days")
        labels: ClassVar = {"is_active": "Enabled", "training_budget_s": "Training budget, CPU-seconds"}
        help_texts: ClassVar = {
            "is_active": "Each night retrains every enabled rotation.",
            "training_budget_s": (
                "0 for no limit, empty for TRAINING_BUDGET_S. A blend's network takes part within a budget alone, "
                "of at least 29."
            ),
        }

    def clean_is_active(self) -> bool:
        """Refuse to disable what is shown."""
        is_active = bool(self.cleaned_data["is_active"])
        uses = find_uses(self.instance.pk) if not is_active else ()
        if uses:
            raise forms.ValidationError(f"In use by {', '.join(uses)}; end that first.")
        return is_active

    def clean_exploration_weight(self) -> float:
        """Keep the weight where none is given."""
        return self._given_or_kept("exploration_weight")

    def clean_exploration_age_cut_off_days(self) -> float:
        """Keep the age where none is given."""
        return self._given_or_kept("exploration_age_cut_off_days")

    def _given_or_kept(self, name: str) -> float:
        given: float | None = self.cleaned_data[name]
        return float(self.initial[name]) if given is None else given

    def clean_training_budget_s(self) -> int | None:
        """Refuse more than a day."""
        budget_s: int | None = self.cleaned_data["training_budget_s"]
        if budget_s is not None and budget_s > LONGEST_BUDGET_S:
            raise forms.ValidationError(f"Give at most {LONGEST_BUDGET_S}, a day.")
        return budget_s
