"""What shoppers type to join, to sign in, and to look after their account."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib.auth.forms import (
    AuthenticationForm,
    PasswordChangeForm,
    SetPasswordForm,
    UserCreationForm,
)

from storefront.accounts.models import User

PASSWORD_RULE = "At least 8 characters, not only digits, not a common one."  # noqa: S105
NOT_AN_ADDRESS = "This is not an e-mail address: it reads like ann@example.com."
MISMATCH = {"password_mismatch": "The two passwords differ. Type the same one twice."}
EMAIL_USE = "For a link should you forget your password, and for news of your bids, asks and orders."


class Guided:
    """Mixed into a form: the first field that is wrong has the cursor when the page opens again."""

    fields: dict[str, forms.Field]

    def full_clean(self) -> None:
        """Validate, and move the cursor."""
        super().full_clean()  # type: ignore[misc]
        wrong = [name for name in self.fields if name in self.errors]  # type: ignore[attr-defined]
        if wrong:
            for name, field in self.fields.items():
                field.widget.attrs["autofocus"] = name == wrong[0]


def _word_faults(form: forms.BaseForm, missing: Mapping[str, str]) -> None:
    """Say of each field what to type where it is empty; and of addresses and names what is wrong with them."""
    for name, words in missing.items():
        form.fields[name].error_messages["required"] = words
    if "email" in form.fields:
        form.fields["email"].error_messages["invalid"] = NOT_AN_ADDRESS


class SignInForm(Guided, AuthenticationForm):
    error_messages = {
        "invalid_login": "Name and password do not belong together. Both mind capital letters.",
        "inactive": "This account is closed.",
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, label_suffix="", **kwargs)
        self.fields["username"].label = "Name"
        _word_faults(self, {"username": "Type your name.", "password": "Type your password."})


class SignUpForm(Guided, UserCreationForm):  # type: ignore[type-arg]
    error_messages = {**UserCreationForm.error_messages, **MISMATCH}

    class Meta:
        model = User
        fields = ("username", "email")
        error_messages = {"username": {"unique": "Somebody has this name already. Choose another."}}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, label_suffix="", **kwargs)
        self.fields["username"].label = "Name"
        self.fields["username"].help_text = "Letters, digits and @ . + - _"
        self.fields["email"].label = "E-mail (you may leave it out)"
        self.fields["email"].help_text = EMAIL_USE
        self.fields["email"].widget.attrs.update(autocomplete="email")
        self.fields["password1"].help_text = PASSWORD_RULE
        self.fields["password2"].label = "Password, once more"
        self.fields["password2"].help_text = ""
        # Managers of passwords offer to store what these name.
        self.fields["username"].widget.attrs.update(autocomplete="username", autofocus=False)
        self.fields["username"].error_messages["invalid"] = "Use letters, digits and @ . + - _ only, and no space."
        _word_faults(
            self,
            {
                "username": "Choose a name.",
                "password1": "Choose a password.",
                "password2": "Type the password once more.",
            },
        )


class KnowingForm(Guided, forms.Form):
    """What only somebody who knows the account's password may change."""

    password = forms.CharField(
        label="Your password", strip=False, widget=forms.PasswordInput({"autocomplete": "current-password"})
    )

    def __init__(
        self, user: User, data: Mapping[str, Any] | None = None, *, initial: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(data, label_suffix="", initial=dict(initial or {}))
        self._user = user
        _word_faults(self, {"password": "Type your password, so that nobody else can do this."})
        self.order_fields([name for name in self.fields if name != "password"])

    def clean_password(self) -> str:
        password = str(self.cleaned_data["password"])
        if not self._user.check_password(password):
            raise forms.ValidationError("This is not your password. Mind capital letters.")
        return password


class EmailForm(KnowingForm):
    """The address that a link for a new password goes to."""

    email = forms.EmailField(
        label="E-mail", required=False, max_length=254, widget=forms.EmailInput({"autocomplete": "email"})
    )

    def __init__(self, user: User, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(user, data, initial={"email": user.email})
        self.fields["email"].help_text = EMAIL_USE

    def save(self) -> None:
        """Keep the address; an empty one takes the old one away."""
        self._user.email = User.objects.normalize_email(self.cleaned_data["email"])
        self._user.save(update_fields=["email"])


class TokenForm(KnowingForm):
    """A token for a program of the account's owner."""

    name = forms.CharField(label="What it is for", max_length=60, widget=forms.TextInput({"autocomplete": "off"}))

    def __init__(self, user: User, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(user, data)
        _word_faults(self, {"name": "Say what the token is for."})
        self.fields["name"].help_text = "In your own words, so that you know later which one to revoke."


class LostPasswordForm(Guided, forms.Form):
    """Where the link shall go."""

    email = forms.EmailField(label="E-mail", max_length=254, widget=forms.EmailInput({"autocomplete": "email"}))

    def __init__(self, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(data, label_suffix="")
        _word_faults(self, {"email": "Type your e-mail address."})
        self.fields["email"].help_text = "The one that you gave to your account."


class NewPasswordForm(Guided, SetPasswordForm):  # type: ignore[type-arg]
    error_messages = {**SetPasswordForm.error_messages, **MISMATCH}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, label_suffix="", **kwargs)
        _word_new_password(self)


class ChangePasswordForm(Guided, PasswordChangeForm):
    error_messages = {
        **SetPasswordForm.error_messages,
        **MISMATCH,
        "password_incorrect": "This is not your password. Mind capital letters.",
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, label_suffix="", **kwargs)
        self.fields["old_password"].label = "Your password now"
        _word_faults(self, {"old_password": "Type the password that you have now."})
        self.fields["old_password"].widget.attrs.update(autofocus=False)
        _word_new_password(self)


def _word_new_password(form: forms.Form) -> None:
    form.fields["new_password1"].label = "New password"
    form.fields["new_password1"].help_text = PASSWORD_RULE
    form.fields["new_password2"].label = "New password, once more"
    form.fields["new_password2"].help_text = ""
    _word_faults(form, {"new_password1": "Choose a password.", "new_password2": "Type the new password once more."})
