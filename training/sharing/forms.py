"""The form in which an owner shares a network with pages on other sites."""

import re
from typing import Any
from urllib.parse import urlsplit

from django import forms

from training.models import Share

MOST_ORIGINS = 20
LOCAL = frozenset({"localhost", "127.0.0.1", "[::1]"})
HOST = re.compile(
    r"(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*|\[[0-9a-f:.]+\]"
)
USUAL_PORTS = {"https": 443, "http": 80}


def origin(text: str) -> str:
    """The origin in the form that browsers send: "https://example.org" for " https://Example.org:443/ ".

    Raises ValidationError unless `text` is https://host[:port], http:// with a host in LOCAL, or "*".
    """
    if text == "*":
        return text
    try:
        parts = urlsplit(text.strip().lower())
        netloc = parts.netloc.rpartition(":")[0] if parts.port is not None else parts.netloc
        host = netloc if netloc.startswith("[") else netloc.encode("idna").decode()
        rest = parts.path.strip("/") or parts.query or parts.fragment
        port = parts.port
    except ValueError:
        raise _refusal(text) from None
    if rest or not HOST.fullmatch(host) or parts.scheme not in USUAL_PORTS:
        raise _refusal(text)
    if parts.scheme == "http" and host not in LOCAL:
        raise forms.ValidationError(f"“{text}” must begin with https://: only this machine goes without.")
    usual = port is None or port == USUAL_PORTS[parts.scheme]
    return f"{parts.scheme}://{host}{'' if usual else f':{port}'}"


def _refusal(text: str) -> forms.ValidationError:
    return forms.ValidationError(
        f"“{text[:80]}” is not of the form https://example.org, with nothing behind it."
    )


class ShareForm(forms.ModelForm[Share]):
    origins = forms.CharField(
        label="Pages that may use it",
        max_length=6000,
        help_text="One address a line, such as https://example.org or http://localhost:8080. * allows every page.",
        error_messages={"required": "Name the address of at least one page, or * for every page."},
        widget=forms.Textarea(
            attrs={
                "rows": 3,
                "spellcheck": "false",
                "autocapitalize": "none",
                "placeholder": "https://example.org",
                "aria-describedby": "help-origins error-origins",
            }
        ),
    )

    class Meta:
        model = Share
        fields = ("origins", "quantised", "corrections")
        labels = {
            "quantised": "Weights in 8 bits",
            "corrections": "Visitors may send me drawings that were read wrongly",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # The form has one origin per line, the model a list.
        self.initial["origins"] = "\n".join(self.instance.origins)

    def clean_origins(self) -> list[str]:
        origins = list(dict.fromkeys(origin(line) for line in self.cleaned_data["origins"].split()))
        if len(origins) > MOST_ORIGINS:
            raise forms.ValidationError(f"At most {MOST_ORIGINS} addresses; these are {len(origins)}.")
        return origins
