from pathlib import PurePath
from typing import Any, TypeAlias

from django import forms
from django.core.files.uploadedfile import UploadedFile

from digits.datasets import Split
from digits.datasets.dataset import DIGITS
from digits.datasets.errors import DatasetError
from digits.uploads import image_folder, upload

Files: TypeAlias = "dict[str, UploadedFile[Any] | None]"

KINDS = (("zip", "Pictures in folders, zipped"), ("idx", "IDX files, as MNIST's"))
FIELDS = {"zip": ("archive",), "idx": ("images", "labels", "test_images", "test_labels")}


class UploadForm(forms.Form):
    """Uploads a dataset; once valid, `taken` is its content."""

    kind = forms.ChoiceField(choices=KINDS, initial="zip", widget=forms.RadioSelect)
    archive = forms.FileField(required=False)
    images = forms.FileField(required=False)
    labels = forms.FileField(required=False)
    test_images = forms.FileField(required=False)
    test_labels = forms.FileField(required=False)
    # The IDX files hold rows and columns swapped, as EMNIST's do.
    turn = forms.BooleanField(required=False)
    title = forms.CharField(max_length=60, required=False)
    classes = forms.CharField(max_length=300, required=False)

    taken: upload.Upload

    def clean_classes(self) -> list[str]:
        text = self.cleaned_data["classes"]
        names = [name.strip() for name in text.split(",")] if text else []
        if len(names) > DIGITS:
            raise forms.ValidationError(f"There are at most {DIGITS} labels; these are {len(names)} names.")
        if any(not 1 <= len(name) <= 20 for name in names):
            raise forms.ValidationError("A name has 1 to 20 characters; names are separated by commas.")
        return names

    def clean(self) -> dict[str, Any]:
        kind = self.cleaned_data.get("kind")
        files = {name: self.cleaned_data.get(name) for name in FIELDS.get(kind or "", ())}
        if kind and not self.errors and self._are_there(files):
            self._read(kind, files)
        if hasattr(self, "taken"):
            self._check_names()
            first = next(file for file in files.values() if file)
            self.cleaned_data["title"] = (
                self.cleaned_data["title"] or PurePath(first.name or "").stem[:60] or "Mine"
            )
        return self.cleaned_data

    def _are_there(self, files: Files) -> bool:
        for name in ("archive", "images", "labels"):
            if name in files and not files[name]:
                self.add_error(name, "Choose a file.")
        if bool(files.get("test_images")) != bool(files.get("test_labels")):
            missing = "test_labels" if files.get("test_images") else "test_images"
            self.add_error(missing, "A test split has both images and labels.")
        size = sum(file.size or 0 for file in files.values() if file)
        if size > upload.MOST_BYTES:
            limit = upload.MOST_BYTES / 1e6
            self.add_error(next(iter(files)), f"Expected at most {limit:.0f} MB, found {size / 1e6:,.1f} MB.")
        return not self.errors

    def _read(self, kind: str, files: Files) -> None:
        at = next(iter(files))
        try:
            if kind == "zip":
                self.taken = image_folder.read(*_named(files["archive"]))
                return
            arrays = {}
            for at, file in files.items():
                read = upload.read_images if at.endswith("images") else upload.read_labels
                if file:
                    arrays[at] = read(*_named(file))
            at = "labels"
            train = Split(arrays["images"], arrays["labels"])
            test = Split(arrays["test_images"], arrays["test_labels"]) if "test_images" in arrays else None
            if self.cleaned_data.get("turn"):
                train, test = upload.turned(train), test and upload.turned(test)
            self.taken = upload.from_idx(train, test)
        except DatasetError as error:
            self.add_error(at, f"{error}.")

    def _check_names(self) -> None:
        names, needed = self.cleaned_data.get("classes", []), int(self.taken.train.labels.max()) + 1
        if names and len(names) < needed:
            self.add_error(
                "classes", f"Expected {needed} names, for the labels 0 to {needed - 1}, found {len(names)}."
            )


def _named(file: Any) -> tuple[Any, str]:
    return file, (file.name or "the file")[-80:]
