"""The plan of rooms: every module stands on a layer, every file is short, the core needs nothing of the web."""

import re
import runpy
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("tryml", "training", "digits")
LONGEST = 400  # lines of a file


def layers() -> list[str]:
    """The rooms that import-linter keeps in order, top first."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    (lines,) = [contract["layers"] for contract in contracts if contract["type"] == "layers"]
    return [room for line in lines for room in re.split(r"\s*[|:]\s*", line)]


def modules() -> list[str]:
    found = (path.relative_to(ROOT) for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
    return [".".join(path.with_suffix("").parts).removesuffix(".__init__") for path in found]


def stands_on_a_layer(module: str, rooms: list[str]) -> bool:
    """Whether the module is in a room, or is the package around some."""
    return any(module == room or module.startswith(f"{room}.") for room in rooms) or any(
        room.startswith(f"{module}.") for room in rooms
    )


def test_every_module_stands_on_a_layer():
    rooms = layers()
    assert [module for module in modules() if not stands_on_a_layer(module, rooms)] == []


def test_a_module_without_a_layer_is_noticed():
    rooms = layers()
    assert not stands_on_a_layer("training.loose", rooms)
    assert not stands_on_a_layer("training.runsaway", rooms)


def test_every_layer_has_a_room():
    known = set(modules())
    assert [room for room in layers() if room not in known] == []


def test_no_module_lies_loose_in_training():
    allowed = {"__init__", "admin", "apps", "health", "urls"}
    assert {path.stem for path in (ROOT / "training").glob("*.py")} == allowed


def test_no_file_is_too_long():
    files = [
        *(path for package in PACKAGES for path in (ROOT / package).rglob("*.py")),
        *(ROOT / "static").rglob("*.js"),
        *(ROOT / "static").rglob("*.css"),
    ]
    written = [path for path in files if "migrations" not in path.parts]
    long = {path.name: len(path.read_text().splitlines()) for path in written}
    assert {name: lines for name, lines in long.items() if lines > LONGEST} == {}


def test_no_folder_is_an_empty_room():
    folders = [path.parent for package in PACKAGES for path in (ROOT / package).rglob("__init__.py")]
    # Django asks for the folder of the commands to lie in one.
    bare = [f for f in folders if not any(f.glob("[!_]*.py")) and f.name != "management"]
    assert [folder for folder in bare if not any(folder.glob("*/__init__.py"))] == []


@pytest.mark.parametrize(
    "package", ["training.ml", "digits.ink", "digits.datasets", "digits.uploads", "digits.photos"]
)
def test_the_core_is_used_without_django(package):
    """In an interpreter of its own, as a REPL is."""
    code = f"""
import importlib, pkgutil, sys
package = importlib.import_module("{package}")
for module in pkgutil.walk_packages(package.__path__, "{package}."):
    if not module.name.endswith(("torch_trainer", "jax_trainer", "tensorflow_trainer")):  # extras
        importlib.import_module(module.name)
assert not {{"django", "channels", "dramatiq"}} & set(sys.modules)
"""
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


def test_the_readmes_example_runs():
    (example,) = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    quick = example.replace("epochs=2", "epochs=1, training_images=600")
    assert quick != example, "the example trains for longer than a test may"
    told = subprocess.run([sys.executable, "-c", quick], cwd=ROOT, check=True, capture_output=True, text=True)
    assert told.stdout.splitlines()[-1].startswith("epoch 1.00")


def test_the_picture_of_the_rooms_is_as_the_code_is():
    drawn = runpy.run_path(str(ROOT / "docs" / "rooms.py"))
    assert drawn["PICTURE"].read_text() == drawn["picture"](), "`make rooms` draws it anew"


def test_lines_that_stand_twice_are_counted(tmp_path):
    figures = runpy.run_path(str(ROOT / "docs" / "figures.py"))
    lines = [f"value_{number} = {number}\n" for number in range(6)]
    for name, text in (("a.py", lines), ("b.py", ["other = 1\n", *lines]), ("c.py", lines[:5])):
        (tmp_path / name).write_text("".join(text))
    assert figures["repeated"]([tmp_path / name for name in ("a.py", "b.py", "c.py")]) == 12


def test_benchmarks_and_tests_name_scripts_that_exist():
    named = {
        (path.relative_to(ROOT).as_posix(), script)
        for path in (ROOT / "tests").rglob("*.py")
        for script in re.findall(r'/(js/[\w/]+\.js|css/[\w/]+\.css)"', path.read_text())
    }
    assert len(named) > 20
    assert [pair for pair in sorted(named) if not (ROOT / "static" / pair[1]).exists()] == []
