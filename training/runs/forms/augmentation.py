"""Augmentation in the form: the sliders' scales, and presets of amounts."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from training.ml.config.choices import LIMITS
from training.runs.forms.fields import plain

FIELDS = tuple(name for name in LIMITS if name.startswith("augment_"))


@dataclass(frozen=True)
class Scale:
    """How a slider's value is shown: its step, its unit, and the factor from value to unit."""

    step: float
    unit: str
    factor: int = 1

    def written(self, value: float) -> str:
        """The value with its unit, as in "± 8 %"; "none" for 0."""
        return f"± {plain(round(value * self.factor, 6))} {self.unit}" if value else "none"


SCALES = {
    "augment_shift": Scale(0.5, "px"),
    "augment_rotate": Scale(1, "°"),
    "augment_scale": Scale(0.01, "%", 100),
    "augment_shear": Scale(1, "°"),
    "augment_stroke": Scale(0.1, "px"),
    "augment_elastic": Scale(0.1, "px"),
    "augment_noise": Scale(0.01, "%", 100),
}
_NONE = dict.fromkeys(FIELDS, 0.0)
# name -> (label, amounts)
AUGMENTATION_PRESETS: dict[str, tuple[str, dict[str, float]]] = {
    "none": ("None", _NONE),
    "light": (
        "Light",
        {**_NONE, "augment_shift": 1.0, "augment_rotate": 8.0, "augment_scale": 0.08, "augment_shear": 5.0},
    ),
    "strong": (
        "Strong",
        {
            "augment_shift": 2.0,
            "augment_rotate": 15.0,
            "augment_scale": 0.15,
            "augment_shear": 10.0,
            "augment_stroke": 0.5,
            "augment_elastic": 0.8,
            "augment_noise": 0.05,
        },
    ),
}


def chosen_preset(amounts: Mapping[str, Any]) -> str:
    """The name of the preset with exactly these amounts; empty where there is none."""
    return next((name for name, (_, preset) in AUGMENTATION_PRESETS.items() if preset == amounts), "")
