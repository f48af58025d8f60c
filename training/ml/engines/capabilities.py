"""Declares what an engine can train: the form offers only that, and the engine refuses the rest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from training.ml.config.architecture import complete
from training.ml.config.choices import CHOICES
from training.ml.config.hyperparameters import Hyperparameters
from training.ml.config.layer_types import ACTIVATIONS, LAYER_TYPES, LayerSpec


@dataclass(frozen=True)
class Capabilities:
    """What an engine can train; by default, everything."""

    layer_types: frozenset[str] = frozenset(LAYER_TYPES)
    activations: frozenset[str] = frozenset(ACTIVATIONS)  # of hidden layers
    has_one_activation: bool = False  # all hidden layers must have the same
    # Field of the hyperparameters -> the values that the engine knows; without an entry, all of CHOICES.
    choices: Mapping[str, frozenset[str]] = field(default_factory=dict)
    lacks: frozenset[str] = frozenset()  # fields that must stay 0

    def problems(self, label: str, hyperparameters: Hyperparameters) -> dict[str, str]:
        """What the engine can't train, as field -> message for people, which names the engine by `label`."""
        h = hyperparameters
        found = {
            name: f"{label} has no {CHOICES[name][getattr(h, name)]}: choose {_either(CHOICES[name], known)}."
            for name, known in self.choices.items()
            if getattr(h, name) not in known
        }
        for name in sorted(self.lacks):
            if h.uses(name) and getattr(h, name):
                found[name] = f"{label} has no {name.replace('_', ' ')}: set it to 0."
        if text := self._layers_problem(label, complete(h.layers)):
            found["layers"] = text
        return found

    def _layers_problem(self, label: str, layers: tuple[LayerSpec, ...]) -> str:
        texts = {i: self._layer_problem(label, layer) for i, layer in enumerate(layers, 1)}
        if any(texts.values()):
            return " ".join(f"Layer {i}: {text}" for i, text in texts.items() if text)
        activations = {layer["activation"] for layer in layers if "activation" in layer}
        if self.has_one_activation and len(activations) > 1:
            return f"{label} has one activation for all layers."
        return ""

    def _layer_problem(self, label: str, layer: LayerSpec) -> str:
        kind, activation = layer["type"], layer.get("activation")
        if kind not in self.layer_types:
            labels = {name: layer_type.label for name, layer_type in LAYER_TYPES.items()}
            return f"{label} has no {labels[kind]}: choose {_either(labels, self.layer_types)}."
        if activation is not None and activation not in self.activations:
            return (
                f"{label} has no {ACTIVATIONS[activation]}: choose {_either(ACTIVATIONS, self.activations)}."
            )
        return ""


def _either(labels: Mapping[str, str], names: frozenset[str]) -> str:
    *most, last = (label for name, label in labels.items() if name in names)
    return f"{', '.join(most)} or {last}" if most else last
