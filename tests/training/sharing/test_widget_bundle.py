"""The widget as one file: how modules are joined, and what is refused."""

import gzip

import pytest

from training.sharing import widget_bundle
from training.sharing.widget_bundle import BundleError, collect, joined

MOST_COMPRESSED = 12_000  # bytes


def bundle(tmp_path, **modules):
    for name, text in modules.items():
        (tmp_path / f"{name}.js").write_text(text)
    return joined(collect("main.js", sources=tmp_path))


def test_modules_follow_those_that_they_import_each_once(tmp_path):
    text = bundle(
        tmp_path,
        main='import { b } from "./b.js";\nimport { a } from "./a.js";\nimport "./c.js";\nb(a);\n',
        a="export const a = 1;\n",
        b='import {\n  a,\n} from "./a.js";\nexport function b(x) {\n  return x + a;\n}\n',
        c="const c = 3;\nexport { c };\n",
    )
    assert text == "const a=1;\nfunction b(x){return x+a;}\nconst c=3;b(a);\n"


def test_comments_go_and_what_only_looks_like_one_stays(tmp_path):
    kept = [
        'const a="// no /* comment */";',
        "const b=`http://${a}/* none */`;",
        r"const c=/[/*]\/\//g;",
        "const d=6/2/1;",
    ]
    text = bundle(tmp_path, main="// one\n/** @type {import('x')} */\n" + "// two\n".join(kept))
    assert text == "".join(kept) + "\n"


@pytest.mark.parametrize(
    "code",
    [
        "const a=1+ +2;",
        "const a=1- -2;",
        "let a=1\nlet b=2;",
        "const a=()=>{}\nconst b=1;",
        "const a=typeof/x/;",
        "const a=new Map;",
        "const a=1 .toFixed();",
        "class A{static#a=1;get b(){return A.#a;}}",
    ],
)
def test_spaces_and_breaks_that_mean_something_stay(tmp_path, code):
    assert bundle(tmp_path, main=code) == f"{code}\n"


@pytest.mark.parametrize(
    ("main", "message"),
    [
        ('import { b } from "./a.js";\n', "main.js imports b, which a.js does not export"),
        ('import { a } from "./none.js";\n', "none.js can't be read"),
        ('import { a as b } from "./a.js";\n', "expected names as they are, found 'a as b'"),
        ('import * as a from "./a.js";\n', "expected plain imports"),
        ('import a from "./a.js";\n', "expected plain imports"),
        ("export default 1;\n", "expected plain imports"),
        ('export * from "./a.js";\n', "expected plain imports"),
        ("export { b };\n", "main.js exports b, which it does not have"),
        ("const { b } = {};\n", "expected plain imports"),
        ("const b = 1, c = 2;\n", "expected one name a declaration"),
        ("var b = 1;\n", "expected plain imports"),
        ("const b = 1;\nconst b = 2;\n", "main.js declares b twice"),
        ('const b = () => import("./a.js");\n', "expected imports at the start"),
        ("const b = `${`inner`}`;\n", "no template within another"),
        ('const b = "open;\n', "expected strings that end"),
        ("const b = (1;\n", "as many closing as opening brackets"),
        ("if (b) {} /x/;\n", "found a slash behind '}'"),
        (
            'import { a } from "./a.js";\nconst inner = 1;\n',
            "main.js and a.js both declare inner: rename one",
        ),
        ('import "./circle.js";\n', "main.js imports itself, by way of circle.js"),
    ],
)
def test_what_cannot_be_joined_is_refused_by_name(tmp_path, main, message):
    with pytest.raises(BundleError) as caught:
        bundle(
            tmp_path,
            main=main,
            a="const inner = 1;\nexport const a = inner;\n",
            circle='import "./main.js";\n',
        )
    assert message in str(caught.value)


def test_a_text_survives_being_quoted(tmp_path):
    text = "const a = `\\n${1}`; // `\\`"
    assert widget_bundle.quoted(text) == "`const a = \\`\\\\n\\${1}\\`; // \\`\\\\\\``"


def test_styles_lose_spaces_only():
    styles = "/* a\n b */\n:host(:not([a])) .b > c,\nd {\n  margin: 0 auto;\n  color: red;\n}\n"
    assert widget_bundle.compact(styles) == ":host(:not([a])) .b > c,d{margin:0 auto;color:red}"


def test_the_widget_is_one_module_and_small_enough():
    script = widget_bundle.script()
    assert gzip.decompress(widget_bundle.compressed()).decode() == script
    assert len(widget_bundle.compressed()) < MOST_COMPRESSED
    lines = script.splitlines()
    assert not [line for line in lines if line.startswith(("import", "export"))]
    # It may stand inside a page.
    assert "</script" not in script
    assert "<!--" not in script


def test_the_widget_says_nothing_of_this_machine():
    assert "eval(" not in widget_bundle.script()
    assert str(widget_bundle.STATIC.parent) not in widget_bundle.script()


def test_a_module_that_reaches_behind_the_network_is_refused(monkeypatch, tmp_path):
    original = widget_bundle.collect

    def meddled(entry, texts=None, sources=widget_bundle.SOURCES):
        if entry == widget_bundle.ELEMENT:
            texts = {**texts, "widget/words.js": 'import { sigmoid } from "../network/activations.js";\n'}
            texts["widget/words.js"] += (widget_bundle.SOURCES / "widget/words.js").read_text()
        return original(entry, texts, sources)

    monkeypatch.setattr(widget_bundle, "collect", meddled)
    with pytest.raises(BundleError, match=r"words\.js imports network/activations\.js"):
        widget_bundle.script.__wrapped__()


def test_commas_and_semicolons_that_end_a_list_or_a_block_are_left_out():
    code = 'function f(a,){for(;;){return[{a,},"{;}",[,],];}}\n'
    assert widget_bundle.shortened(code) == 'function f(a){for(;;){return[{a},"{;}",[,],]}}\n'


def test_names_are_shortened_where_they_stand_for_one_thing_only():
    code = (
        "const radius=2;const height=3;class Box{#inner=radius;size(){return this.#inner*height;}}"
        "function widest(first,second){const{height}=first;return `${second} radius`;}widest({first:1,radius});"
    )
    short = widget_bundle.shortened(code)
    assert "#inner" not in short
    assert "widest" not in short
    assert short.count("radius") == code.count("radius"), "it is a property and in a text"
    assert short.count("height") == code.count("height")
    assert short.count("first") == code.count("first")
