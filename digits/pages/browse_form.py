"""The form of the dataset browser."""

from typing import Any

from django import forms

from digits.datasets import Dataset, Split
from digits.datasets.dataset import DIGITS

SPLITS = (("test", "Test"), ("train", "Train"))


class BrowseForm(forms.Form):
    """Which images to show: a split, optionally one label, and a page or an index."""

    split = forms.ChoiceField(choices=SPLITS, required=False)
    label = forms.TypedChoiceField(
        choices=[("", "All"), *((n, n) for n in range(DIGITS))], coerce=int, empty_value=None, required=False
    )
    index = forms.IntegerField(required=False)
    page = forms.IntegerField(required=False)

    def __init__(self, *args: Any, dataset: Dataset, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.dataset = dataset

    def clean_split(self) -> str:
        return self.cleaned_data["split"] or "test"

    def clean_index(self) -> int | None:
        index: int | None = self.cleaned_data["index"]
        last = len(self.chosen) - 1
        if index is not None and not 0 <= index <= last:
            raise forms.ValidationError(f"An index is a whole number from 0 to {last:,}.")
        return index

    @property
    def chosen(self) -> Split:
        split: Split = getattr(self.dataset, self.cleaned_data.get("split") or "test")
        return split
