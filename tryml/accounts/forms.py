from typing import Any

from allauth.account import forms as allauth_forms
from django import forms

from tryml.accounts.models import Preferences


class SignupForm(allauth_forms.SignupForm):  # type: ignore[misc]
    """A new account with user name, e-mail or both; without a user name, one is made from the e-mail."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].label = "User name"
        self.fields["email"].label = "E-mail"
        self.fields["email"].help_text = "Either is enough; an e-mail can reset a forgotten password."

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean()
        given = ("username", "email")
        if not any(cleaned.get(name) or name in self.errors for name in given):
            self.add_error("username", "Give a user name or an e-mail address.")
        return cleaned


class PreferencesForm(forms.ModelForm[Preferences]):
    keeps_drawings = forms.TypedChoiceField(
        choices=[("", "Ask me first"), ("True", "Keep them"), ("False", "Keep none")],
        coerce=lambda value: value == "True",
        empty_value=None,
        required=False,
        widget=forms.RadioSelect,
    )

    class Meta:
        model = Preferences
        fields = ("theme", "log_axes", "keeps_drawings")
        widgets = {"theme": forms.RadioSelect}
