"""What shoppers type to join and to sign in."""

from typing import Any

from django.contrib.auth.forms import AuthenticationForm, UserCreationForm

from storefront.accounts.models import User


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
        fields = ("username",)
        error_messages = {"username": {"unique": "Somebody has this name already. Choose another."}}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, label_suffix="", **kwargs)
        self.fields["username"].label = "Name"
        self.fields["username"].help_text = "Letters, digits and @ . + - _"
        self.fields["password1"].help_text = "At least 8 characters, not only digits, not a common one."
        self.fields["password2"].label = "Password, once more"
        self.fields["password2"].help_text = ""
        # Managers of passwords offer to store what these name.
        self.fields["username"].widget.attrs.update(autocomplete="username", autofocus=False)
