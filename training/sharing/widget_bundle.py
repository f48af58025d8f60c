"""The widget as one file: joins the ES modules that the pages use, so that any site loads a single script.

Accepts modules as this project writes them, and refuses others: imports and exports are at the top level and name
each thing, each declaration there declares one name, no statement is empty, and no module imports itself through
others.
The code is only split into tokens, to tell code from strings and comments; there is no parser.
"""

from __future__ import annotations

import gzip
import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import count, pairwise
from pathlib import Path
from posixpath import dirname, join, normpath
from typing import NamedTuple

STATIC = Path(__file__).parents[2] / "static"
SOURCES = STATIC / "js"
STYLES = STATIC / "css" / "sharing" / "widget.css"
ELEMENT = "widget/element.js"
NETWORK = "network/network.js"
WORKER = "network/worker.js"

TOKEN = re.compile(
    r"""
    (?P<space> \s+ )
    | (?P<comment> //[^\n]* | /\*.*?\*/ )
    | (?P<string> "(?:\\.|[^"\\\n])*" | '(?:\\.|[^'\\\n])*' )
    | (?P<template> `(?:\\.|[^`\\])*` )
    | (?P<word> [#@]?[A-Za-z_$][\w$]* )
    | (?P<number> \.?\d(?:[eE][+-]|[\w.])* )
    | (?P<mark> . )
    """,
    re.DOTALL | re.VERBOSE,
)
PATTERN = re.compile(r"/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\[\n])+/[a-z]*")
# After these words a slash begins a regular expression; after other words it divides.
OPERATORS = frozenset({"return", "typeof", "case", "in", "of", "void", "delete", "await", "yield", "throw"})
OPENERS = frozenset("([{")
CLOSERS = frozenset(")]}")
SIGNS = frozenset("+-/<!")
IMPORT = re.compile(r"import\s*(?:\{(?P<names>[^}]*)\}\s*from\s*)?(?P<path>\"[^\"]*\");?\s*")
EXPORT_LIST = re.compile(r"export\s*\{(?P<names>[^}]*)\};?\s*")
WORD = re.compile(r"[A-Za-z_$][\w$]*")
KEYWORDS = frozenset({"as", "do", "if", "in", "of"})  # as short as the new names
# The names of constants, variables, functions, classes and parameters, except in object patterns.
DECLARED = re.compile(
    r"\b(?:const|let|class|function) ?([\w$]+)|\b(?:const|let)\[([\w$,]*)\]"
    r"|\(([\w$,]*)\)=>|\bfunction [\w$]+\(([\w$,]*)\)"
)
DECLARATION = re.compile(
    r"(?P<export>export\s+)?(?P<kind>const|let|class|(?:async\s+)?function\b\s*\*?)\s*(?P<name>[\w$]+)"
)


class BundleError(ValueError):
    """Raised when modules can't be joined; its text names the module and the reason."""


class Token(NamedTuple):
    kind: str
    text: str


@dataclass(frozen=True)
class Module:
    """A module: `imports` maps paths to imported names; the names declared and exported at the top level; the code
    without comments."""

    imports: Mapping[str, frozenset[str]]
    declared: frozenset[str]
    exported: frozenset[str]
    code: str


@lru_cache(maxsize=1)
def script() -> str:
    """The widget and all that it imports, as the text of one module.

    Raises BundleError for modules that can't be joined.
    """
    network = collect(NETWORK)
    exported = network[NETWORK].exported
    names = ",".join(sorted(exported))
    # A function's text can be read at run time: the worker starts with the text of the page's own `core`.
    code = f"const core=()=>{{{joined(network)}return{{{names}}};}};const{{{names}}}=core();\n"
    start = quoted(collect(WORKER)[WORKER].code)
    texts = {
        "widget/styles.js": f"export const STYLES = {quoted(compact(STYLES.read_text('utf-8')))};",
        "widget/worker_source.js": f"export const WORKER_SOURCE = `const{{{names}}}=(${{core}})();` + {start};",
    }
    modules = {NETWORK: Module({}, exported | {"core"}, exported, code)}
    for path, module in collect(ELEMENT, texts).items():
        if path in network:
            continue
        if inner := (module.imports.keys() & network.keys()) - {NETWORK}:
            raise BundleError(f"{path} imports {min(inner)}: import what {NETWORK} exports instead.")
        modules[path] = module
    return shortened(joined(modules))


@lru_cache(maxsize=1)
def compressed() -> bytes:
    """The script in gzip, which nearly every browser accepts."""
    return gzip.compress(script().encode(), mtime=0)


@lru_cache(maxsize=1)
def version() -> str:
    """The version of the widget, 16 hexadecimal digits, which changes whenever the script changes."""
    return hashlib.sha256(script().encode()).hexdigest()[:16]


def compact(styles: str) -> str:
    """A style sheet without comments and needless spaces; it must not contain strings with spaces."""
    plain = re.sub(r"/\*.*?\*/|\s+", " ", styles, flags=re.DOTALL)
    return re.sub(r"\s*([{};,])\s*|(?<=:) ", r"\1", plain).strip().replace(";}", "}")


def shortened(code: str) -> str:
    """The code with short names for declared names and private class members; a name is replaced everywhere.

    A name stays as it is where it is also a word in a string, a property, or a name that the code does not declare.
    """
    tokens = list(_tokens("the widget", code))
    words = Counter(text for kind, text in tokens if kind == "word")
    texts = " ".join(text for kind, text in tokens if kind in {"string", "template"})
    declared = {name for names in DECLARED.findall(code) for name in WORD.findall(",".join(names))}
    ours = declared - _properties(tokens) - set(WORD.findall(texts))
    fresh = (name for name in map(_letters, count()) if name not in words and name not in KEYWORDS)
    short = {
        word: "#" * word.startswith("#") + next(fresh)
        for word, _ in words.most_common()
        if word.startswith("#") or (word in ours and len(word) > len("ab"))
    }
    return "".join(short.get(text, text) if kind == "word" else text for kind, text in _needed(tokens))


def _needed(tokens: Sequence[Token]) -> Iterator[Token]:
    """The tokens without a comma or semicolon right before a closing bracket."""
    for token, following in pairwise([*tokens, Token("mark", "")]):
        if token.text + following.text not in {";}", ",}", ",)"}:
            yield token


def _properties(tokens: Sequence[Token]) -> set[str]:
    """The words that may name a property: after a point, before a colon, or alone in braces."""
    found: set[str] = set()
    open_brackets: list[str] = []
    before = ["", ""]
    for (kind, text), following in zip(tokens, [*(token.text for token in tokens[1:]), ""], strict=True):
        if kind == "word":
            is_member = before[1] == "." and before[0] != "."
            is_alone = (
                before[1] in {"{", ","} and following in {",", "}", "="} and open_brackets[-1:] == ["{"]
            )
            if is_member or is_alone or following == ":":
                found.add(text)
        elif text in OPENERS:
            open_brackets.append(text)
        elif text in CLOSERS:
            open_brackets.pop()
        before = [before[1], text]
    return found


def _letters(number: int) -> str:
    """a, b … z, aa, ab … for 0, 1 …"""
    rest, last = divmod(number, 26)
    return (_letters(rest - 1) if rest else "") + "abcdefghijklmnopqrstuvwxyz"[last]


def quoted(text: str) -> str:
    """The text as a template literal, which keeps its line breaks, so that gzip finds repeated lines."""
    return "`" + re.sub(r"\\|`|\$\{", lambda found: "\\" + found[0], text) + "`"


def joined(modules: Mapping[str, Module]) -> str:
    """The code of the modules in one scope. Raises BundleError for a name that two modules declare."""
    owners: dict[str, str] = {}
    for path, module in modules.items():
        for name in sorted(module.declared):
            if name in owners:
                raise BundleError(f"{path} and {owners[name]} both declare {name}: rename one.")
            owners[name] = path
    return "".join(module.code for module in modules.values())


def collect(entry: str, texts: Mapping[str, str] | None = None, sources: Path = SOURCES) -> dict[str, Module]:
    """Path below `sources` -> module, for `entry` and all that it imports, in the order of execution.

    `texts` maps paths to the texts of modules that are not read from files. Raises BundleError for a module that
    can't be read or understood, for a circular import, and for an import of a name that is not exported.
    """
    modules: dict[str, Module] = {}
    _collect(entry, texts or {}, sources, modules, ())
    return modules


def _collect(
    path: str, texts: Mapping[str, str], sources: Path, modules: dict[str, Module], above: tuple[str, ...]
) -> None:
    """Add the module to `modules`, after the modules that it imports; `above` are the modules that import it."""
    if path in modules:
        return
    if path in above:
        raise BundleError(f"{path} imports itself, by way of {above[-1]}.")
    text = texts.get(path)
    if text is None:
        try:
            text = (sources / path).read_text("utf-8")
        except OSError as error:
            raise BundleError(
                f"{path} can't be read ({error.strerror}){f', for {above[-1]}' if above else ''}."
            ) from None
    module = read(path, text)
    for imported, names in module.imports.items():
        _collect(imported, texts, sources, modules, (*above, path))
        if missing := names - modules[imported].exported:
            raise BundleError(f"{path} imports {min(missing)}, which {imported} does not export.")
    modules[path] = module


def read(path: str, text: str) -> Module:
    """Parse a module. Raises BundleError for unsupported code; `path` is the name in the message."""
    imports: dict[str, frozenset[str]] = {}
    declared: set[str] = set()
    exported: set[str] = set()
    code = ""
    for statement in _statements(path, text):
        if found := IMPORT.fullmatch(statement):
            target = normpath(join(dirname(path), found["path"][1:-1]))
            imports[target] = imports.get(target, frozenset()) | _names(path, found["names"])
            continue
        if found := EXPORT_LIST.fullmatch(statement):
            exported |= _names(path, found["names"])
            continue
        if found := DECLARATION.match(statement):
            if found["name"] in declared:
                raise BundleError(f"{path} declares {found['name']} twice.")
            declared.add(found["name"])
            if found["export"]:
                exported.add(found["name"])
                statement = statement[len(found["export"]) :]
        elif found := re.match(r"(import\b(?!\.)|export\b|const\b|let\b|var\b|async\b)[^\n]*", statement):
            raise BundleError(
                f"{path}: expected plain imports, exports and declarations, found {found[0]!r}."
            )
        code += statement
    known = declared.union(*imports.values())
    if unknown := exported - known:
        raise BundleError(f"{path} exports {min(unknown)}, which it does not have.")
    return Module(imports, frozenset(declared), frozenset(exported), code)


def _names(path: str, listed: str | None) -> frozenset[str]:
    names = [name.strip() for name in (listed or "").split(",")]
    if renamed := [name for name in names if " " in name]:
        raise BundleError(f"{path}: expected names as they are, found {renamed[0]!r}.")
    return frozenset(names) - {""}


def _statements(path: str, text: str) -> Iterator[str]:
    """The code, split before each word that may begin a statement at the top level."""
    depth, statement = 0, ""
    for kind, written in _spaced(_tokens(path, text)):
        if kind == "word" and depth == 0 and statement.endswith(("\n", ";")):
            yield statement
            statement = ""
        if kind == "mark":
            depth += (written in OPENERS) - (written in CLOSERS)
            if written == "," and depth == 0:
                raise BundleError(f"{path}: expected one name a declaration, found a comma.")
        statement += written
    if depth:
        raise BundleError(f"{path}: expected as many closing as opening brackets.")
    yield statement.rstrip("\n") + "\n"


def _spaced(tokens: Iterator[Token]) -> Iterator[Token]:
    """The tokens, with one line break or space in place of spaces and comments, only where it is needed."""
    gap, last = "", Token("mark", ";")
    for token in tokens:
        if token.kind in {"space", "comment"}:
            gap += token.text
            continue
        if "\n" in gap:
            # A line break may end a statement, except where no statement can end or one has just ended.
            if last.text not in OPENERS | {",", ";"} and token.text not in CLOSERS:
                yield Token("space", "\n")
        elif gap and _would_merge(last, token):
            yield Token("space", " ")
        gap, last = "", token
        yield token


def _would_merge(last: Token, token: Token) -> bool:
    """Whether two tokens would become different tokens without a space between them."""
    if last.kind in {"word", "number", "pattern"} and (token.kind in {"word", "number"} or token.text == "."):
        return True
    return {last.text, token.text} <= SIGNS


def _tokens(path: str, text: str) -> Iterator[Token]:
    place, last = 0, Token("mark", ";")
    while found := TOKEN.match(text, place):
        token = Token(found.lastgroup or "", found[0])
        if token.text == "/":
            token = _slash(path, text, place, last)
        if token.text in {'"', "'", "`"} or (token.kind == "template" and not _is_flat(token.text)):
            raise BundleError(f"{path}: expected strings that end, and no template within another.")
        if (last.text, token.text) == ("import", "("):
            raise BundleError(f"{path}: expected imports at the start, found one on the way.")
        if token.kind not in {"space", "comment"}:
            last = token
        place += len(token.text)
        yield token


def _slash(path: str, text: str, place: int, last: Token) -> Token:
    """The token that starts with the slash at `place`: a division, or a whole regular expression."""
    divides = last.kind in {"number", "string", "template", "pattern"} or last.text in {")", "]"}
    if divides or (last.kind == "word" and last.text not in OPERATORS):
        return Token("mark", "/")
    found = PATTERN.match(text, place)
    if not found or last.text == "}":
        raise BundleError(f"{path}: expected a division or a pattern, found a slash behind {last.text!r}.")
    return Token("pattern", found[0])


def _is_flat(template: str) -> bool:
    """Whether every `${` is closed within the literal; if not, another template literal began inside."""
    depth = 0
    for mark in re.findall(r"\\.|\$\{|[{}]", template, re.DOTALL):
        if mark == "${" or (mark == "{" and depth):
            depth += 1
        elif mark == "}" and depth:
            depth -= 1
    return depth == 0
