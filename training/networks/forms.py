"""Forms for networks: import a file, rename a network."""

from typing import Any

from django import forms
from django.conf import settings

from training.ml import formats, nn
from training.models import Network


class ImportForm(forms.Form):
    """Imports a network from a safetensors file; once valid, `network` is the imported network."""

    file = forms.FileField(
        label="Network file", help_text="A .safetensors file as “Network” on a run's page gives it."
    )
    name = forms.CharField(max_length=100, required=False, help_text="Empty: the file's own.")

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        imported = Network.objects.filter(owner=self.user, run=None, best_of=None).count()
        if imported >= settings.IMPORTED_NETWORKS:
            self.add_error(
                None,
                f"You have brought {imported} networks, and no more than {settings.IMPORTED_NETWORKS} may be kept.",
            )
        file = cleaned.get("file")
        if not file or self.errors:
            return cleaned
        if file.size > formats.LARGEST:
            self.add_error(
                "file", f"At most {formats.LARGEST / 1e6:.0f} MB; this file has {file.size / 1e6:.1f} MB."
            )
            return cleaned
        try:
            self.network = formats.load(file.read())
        except nn.InvalidNetwork as error:
            self.add_error("file", str(error))
        cleaned["name"] = cleaned.get("name") or file.name.removesuffix(".safetensors")[:100] or "Imported"
        return cleaned


class NetworkEditForm(forms.ModelForm[Network]):
    class Meta:
        model = Network
        fields = ("name",)
