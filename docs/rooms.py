"""Draws docs/rooms.svg: the rooms of the code, as `make lint` keeps them in order. `make rooms` runs it.

A row is a layer of `[tool.importlinter]` in pyproject.toml, the top one first: its rooms may import only rooms in rows
below it. A room's text is the first sentence of its docstring.
"""

from __future__ import annotations

import ast
import re
import textwrap
import tomllib
from html import escape
from pathlib import Path

ROOT = Path(__file__).parents[1]
PICTURE = ROOT / "docs" / "rooms.svg"
WIDTH = 1200
GAP = 8
LETTER = 6.6  # average width of a letter, pixels
LINE = 15  # pixels from one line of text to the next
COLOURS = {"tryml": "#5c636d", "training": "#5645c9", "digits": "#0877bd"}
STYLE = """
.page{fill:#fff} text{font:12px system-ui,sans-serif;fill:#5c636d} .name{font-weight:600;fill:#1b1e22}
rect{fill:#f6f6f3;stroke:#e2e3df}
@media (prefers-color-scheme:dark){.page{fill:#121417} text{fill:#9aa3ad} .name{fill:#eceef0}
rect{fill:#1a1d21;stroke:#2c3138}}
"""


def layers() -> list[list[str]]:
    """Return the rooms of each layer, the top layer first."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    (lines,) = [contract["layers"] for contract in contracts if contract["type"] == "layers"]
    return [re.split(r"\s*[|:]\s*", line) for line in lines]


def about(room: str) -> str:
    """Return the first sentence of the room's docstring; empty without one."""
    path = ROOT.joinpath(*room.split("."))
    file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    text = ast.get_docstring(ast.parse(file.read_text())) or ""
    return re.split(r"(?<=\.)\s", " ".join(text.split()))[0].rstrip(".")


def wrapped(room: str, width: float) -> list[str]:
    """Break the room's text into lines that fit into a box of `width` pixels."""
    return textwrap.wrap(about(room), int((width - 24) / LETTER))


def box(room: str, x: float, y: float, width: float, height: float) -> str:
    lines = wrapped(room, width)
    colour = COLOURS[room.split(".")[0]]
    texts = [f'<text class="name" x="{x + 12:.0f}" y="{y + 20:.0f}">{escape(room)}</text>']
    texts += [
        f'<text x="{x + 12:.0f}" y="{y + 20 + LINE * number:.0f}">{escape(line)}</text>'
        for number, line in enumerate(lines, start=1)
    ]
    frame = f'<rect x="{x:.1f}" y="{y:.0f}" width="{width:.1f}" height="{height:.0f}" rx="8"/>'
    edge = f'<path d="M{x + 4:.1f} {y + 8:.0f}v{height - 16:.0f}" stroke="{colour}" stroke-width="3"/>'
    return frame + edge + "".join(texts)


def picture() -> str:
    """Return the whole picture as SVG."""
    y, boxes = GAP, []
    for rooms in layers():
        width = (WIDTH - GAP * (len(rooms) + 1)) / len(rooms)
        most = max(len(wrapped(room, width)) for room in rooms)
        height = 30 + LINE * most
        boxes += [
            box(room, GAP + (width + GAP) * number, y, width, height) for number, room in enumerate(rooms)
        ]
        y += height + GAP
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {y}" width="{WIDTH}" height="{y}">'
    page = f'<rect class="page" width="{WIDTH}" height="{y}"/>'
    return "\n".join([head, f"<style>{STYLE}</style>", page, *boxes, "</svg>", ""])


if __name__ == "__main__":
    PICTURE.write_text(picture())
