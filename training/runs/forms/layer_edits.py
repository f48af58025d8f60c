"""What the buttons of the layers do: add, remove, move, take a template, undo."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, NamedTuple

from training.ml.config.architecture import complete
from training.ml.config.layer_types import LAYER_TYPES
from training.ml.config.templates import TEMPLATES
from training.runs.forms.layers import LayerList, Typed
from tryml.numbers import whole

MOST_KEPT = 20_000  # characters of the JSON for undo: longer lists of layers can't be restored


class Edited(NamedTuple):
    """The layers after an edit: `focus` is the id of the element to focus, `said` a sentence for an edit that
    removed layers, `before` the JSON of the layers to restore with "undo"."""

    typed: list[Typed]
    focus: str = ""
    said: str = ""
    before: str = ""


def edited(layers: list[Typed], action: str, before: str = "") -> Edited:
    """The layers after an action: "add-2-dense" (at index 2), "remove-2", "up-2", "down-2", "steps-2" (let a recurrent
    layer give every step), "template-3", or "undo", which restores `before`.

    An impossible action, for instance from an outdated page, changes nothing.
    """
    verb, _, rest = action.partition("-")
    place, _, more = rest.partition("-")
    change = _CHANGES.get(verb)
    if verb == "undo":
        return _undo(layers, before)
    number = whole(place)
    if change is None or number is None:
        return Edited(layers)
    return change(list(layers), number, more)


def chosen_template(layers: LayerList) -> str:
    """The title of the template that the layers equal; empty where there is none."""
    if not layers.is_readable:
        return ""
    return next((title for title, specs in TEMPLATES.items() if complete(specs) == layers.specs), "")


def _add(layers: list[Typed], place: int, kind: str) -> Edited:
    if kind not in LAYER_TYPES or place > len(layers):
        return Edited(layers)
    layers.insert(place, {"type": kind})
    return Edited(layers, f"layer-{place}")


def _remove(layers: list[Typed], place: int, _: str) -> Edited:
    if place >= len(layers):
        return Edited(layers)
    before = _kept(layers)
    label = _label(layers.pop(place))
    return Edited(layers, f"layer-{place}", f"{label} is removed.", before)


def _up(layers: list[Typed], place: int, _: str) -> Edited:
    if not 0 < place < len(layers):
        return Edited(layers)
    layers[place - 1 : place + 1] = reversed(layers[place - 1 : place + 1])
    return Edited(layers, f"up-{place - 1}" if place > 1 else f"down-{place - 1}")


def _down(layers: list[Typed], place: int, _: str) -> Edited:
    if place + 1 >= len(layers):
        return Edited(layers)
    layers[place : place + 2] = reversed(layers[place : place + 2])
    return Edited(layers, f"down-{place + 1}" if place + 2 < len(layers) else f"up-{place + 1}")


def _steps(layers: list[Typed], place: int, _: str) -> Edited:
    if place < len(layers):
        layers[place] = {**layers[place], "return_sequences": True}
    return Edited(layers, f"layer-{place}")


def _template(layers: list[Typed], place: int, _: str) -> Edited:
    if place >= len(TEMPLATES):
        return Edited(layers)
    title = list(TEMPLATES)[place]
    specs = [dict(spec) for spec in complete(TEMPLATES[title])]
    return Edited(specs, "template", f"These are the layers of “{title}”.", _kept(layers))


def _undo(layers: list[Typed], before: str) -> Edited:
    kept = _restored(before)
    return Edited(layers) if kept is None else Edited(kept, "undo", "Your layers are back.", _kept(layers))


_CHANGES: dict[str, Callable[[list[Typed], int, str], Edited]] = {
    "add": _add,
    "remove": _remove,
    "up": _up,
    "down": _down,
    "steps": _steps,
    "template": _template,
}


def _label(layer: Typed) -> str:
    kind = layer.get("type")
    return LAYER_TYPES[kind].label if kind in LAYER_TYPES else "The layer"


def _kept(layers: list[Typed]) -> str:
    text = json.dumps(layers)
    return text if len(text) <= MOST_KEPT else ""


def _restored(text: str) -> list[Typed] | None:
    """The layers that `_kept` wrote; None for any other text, since the text comes back from the browser."""
    try:
        layers: Any = json.loads(text[:MOST_KEPT])
    except (ValueError, RecursionError):
        return None
    is_list = isinstance(layers, list) and all(isinstance(layer, dict) for layer in layers)
    return layers if is_list else None
