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
EMAIL_USE = "For a link should you forget your password, and for news of your bids, asks and orders."


class SignInForm(AuthenticationForm):
    error_messages = {
        "invalid_login": "Name and password do not belong together. Both mind capital letters.",
        "inactive": "This account is closed.",
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, label_suffix="", **kwargs)
        self.fields["username"].label = "Name"


class SignUpForm(UserCreationForm):  # type: ignore[type-arg]
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


class KnowingForm(forms.Form):
    """What only somebody who knows the account's password may change."""

    password = forms.CharField(
        label="Your password", strip=False, widget=forms.PasswordInput({"autocomplete": "current-password"})
    )

    def __init__(
        self, user: User, data: Mapping[str, Any] | None = None, *, initial: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(data, label_suffix="", initial=dict(initial or {}))
        self._user = user
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
        self.fields["name"].help_text = "In your own words, so that you know later which one to revoke."


class LostPasswordForm(forms.Form):
    """Where the link shall go."""

    email = forms.EmailField(label="E-mail", max_length=254, widget=forms.EmailInput({"autocomplete": "email"}))

    def __init__(self, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(data, label_suffix="")
        self.fields["email"].help_text = "The one that you gave to your account."


class NewPasswordForm(SetPasswordForm):  # type: ignore[type-arg]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, label_suffix="", **kwargs)
        _word_new_password(self)


class ChangePasswordForm(PasswordChangeForm):
    error_messages = {
        **SetPasswordForm.error_messages,
        "password_incorrect": "This is not your password. Mind capital letters.",
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, label_suffix="", **kwargs)
        self.fields["old_password"].label = "Your password now"
        self.fields["old_password"].widget.attrs.update(autofocus=False)
        _word_new_password(self)


def _word_new_password(form: forms.Form) -> None:
    form.fields["new_password1"].label = "New password"
    form.fields["new_password1"].help_text = PASSWORD_RULE
    form.fields["new_password2"].label = "New password, once more"
    form.fields["new_password2"].help_text = ""
