"""Real kpt, kubectl and functions written with the SDK: what a function does not touch is as it was, whatever it holds.

The control is `cat`: kpt formats every file that it reads, so that a function is right where kpt leaves the same bytes.
"""

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.conftest import Copy

Require = Callable[[str], str]
Command = Callable[[str], str]
Run = subprocess.CompletedProcess[str]

# Functions, each the body of one over `resources`

FUNCTIONS = {
    "nothing": "pass",
    "read_all": "[resource.data for resource in resources if resource.kind != 'Twice']",
    "edit_head": "[item.set('metadata.annotations.edit', 'after') for item in resources if 'edit' in item.annotations]",
    "edit_tail": "[item.set('tail', 'after') for item in resources if item.get('tail')]",
    "add_field": "[item.set('added', 'new') for item in resources if item.get('tail')]",
    "edit_twice": "[item.set('end', 'after') for item in resources if item.kind == 'Twice']",
    "fail": (
        "resources.items[0].set('tail', 'after')\n"
        "    resources.results.error('no', resources.items[0], 'tail', current=[1])"
    ),
    "warn": "resources.results.warning('hm', resources.items[0], 'tail', tags={'n': 1, 'list': [1], 3: None})",
    "crash": "resources.items[0].set('tail', 'after'); {}['missing']",
    "leave": "resources.items[0].set('tail', 'after'); sys.exit(0)",
    "talk": (
        "print('a: [', flush=True); sys.stdout.write('- {'); os.write(1, b'%'); os.system('echo :{')"
        "; subprocess.run(['echo', '!!x'], check=True)"
    ),
    "empty": "resources.items.clear()",
    "share": "twin = [{'k': 'v'}]; [item.set('shared', {'a': twin, 'b': twin}) for item in resources]",
    "generate": (
        "[resources.add(Resource.new({'apiVersion': 'v1', 'kind': 'New', 'metadata': {'name': name}}), 'new.yaml')"
        " for name in ('b', 'a') if not resources.where('New', name=name)]"
    ),
    "nameless": "resources.add(Resource.new({'apiVersion': 'v1', 'kind': 'New', 'metadata': {'labels': {}}}))",
    "kindless": "resources.add(Resource.new({'a': 1}))",
    "annotate": (
        "[item.set(f'metadata.annotations.a{index}', text) for item in resources"
        " for index, text in enumerate(['5', 'true', '1e3', 'null', '12:30:45', 'on', ''])]"
    ),
    "write_strings": (
        "texts = json.load(open(resources.function_config.get('data.file'), encoding='utf-8'))\n"
        "    numbered = {f'k{index}': text for index, text in enumerate(texts)}\n"
        "    for item in resources.where('Strings'):\n"
        "        [item.set(f'block.{key}', text) for key, text in numbered.items()]\n"
        "        [item.set(place, numbered) for place in ('flow', 'single', 'double', 'literal')]\n"
        "        [item.set(place, texts) for place in ('list', 'flowlist')]\n"
        "        keys = {text: text for text in texts if 0 < len(text) < 1000}\n"
        "        [item.set(place, keys) for place in ('keys', 'flowkeys')]"
    ),
}

# What may stand in a resource. HEAD and TAIL are around each of them, and are what the functions edit.

HEAD = "apiVersion: v1\nkind: Foo\nmetadata:\n  name: x\n  annotations:\n    edit: before\n"
TAIL = "tail: before\n"

# In kpt's own format: `cat` leaves it as it is.
STABLE = {
    "base 60": "data:\n  a: 12:30:45\n  b: 22:22\n",
    "YAML 1.1 booleans": "data:\n  a: on\n  b: yes\n  c: y\n  d: n\n  e: Off\n",
    "keys that are booleans": 'data:\n  on: x\n  n: y\n  "y": z\n',
    "octal": "data:\n  a: 0644\n  b: 0o17\n  c: 08\n",
    "other integers": "data:\n  a: 1_000\n  b: 0x1F\n  c: 0b11\n  d: +1\n",
    "floats": "data:\n  a: 1.10\n  b: 1.0e+10\n  c: 1e3\n  d: .5\n  e: 1.\n",
    "infinity": "data:\n  a: .inf\n  b: -.Inf\n  c: .nan\n",
    "timestamps": "data:\n  a: 2024-01-02T03:04:05Z\n  b: 2024-01-02\n  c: 2001-12-14 21:59:43.10 -5\n",
    "nulls": "data:\n  a: ~\n  b: null\n  c:\n  d: Null\n",
    "the value key": "data:\n  a: =\n  =: b\n",
    "quoted lookalikes": 'data:\n  a: "y"\n  b: "n"\n  c: "1e3"\n  d: "1e10"\n  e: "08"\n  f: "0o644"\n  g: \'1\'\n',
    "quoted merge key": 'data:\n  a: "<<"\n  "<<": b\n',
    "tagged merge key": "base: &b\n  x: 1\nother:\n  !!merge <<: *b\n  y: 2\n",
    "beyond 64 bits": "data:\n  a: 18446744073709551616\n  b: 12345678901234567890123\n  c: -9223372036854775809\n",
    "beyond ASCII": "data:\n  a: ünïcödé\n  ключ: значение\n  c: 日本 # 語\n  d: x\u00a0y\n",
    "escaped astral characters": 'data:\n  "\\U0001F600": "\\U0001F600 x"\n',
    "escapes": 'data:\n  a: "x\\ty\\e\\0\\N\\L\\\\"\n',
    "tabs in a block": "data:\n  a: |\n    x\ty\n    \tz\n",
    "a very long plain scalar": f"data:\n  a: {'word ' * 500}end\n",
    "a very long quoted scalar": f"data:\n  a: \"{'word ' * 500}end\"\n  b: '{'word ' * 500}end'\n",
    "a very long word": f"data:\n  a: {'w' * 20_000}\n",
    "a very long line in a block": f"data:\n  a: |\n    {'word ' * 500}end\n    second\n",
    "literal": "data:\n  a: |\n    x\n\n    y\n  b: c\n",
    "literal, stripped": "data:\n  a: |-\n    x\n    y\n  b: c\n",
    "literal, kept": "data:\n  a: |+\n    x\n\n    y\n\n\n  b: c\n",
    "literal, indented": "data:\n  a: |2\n      x\n    y\n  b: c\n",
    "literal, with blank lines first": "data:\n  a: |2\n\n    x\n  b: c\n",
    "literal, with comment": "data:\n  a: | # why\n    # no comment\n    x\n  b: c\n",
    "literal at the end of a list": "data:\n- |\n  x\n- |+\n  y\n\n",
    "keys of several lines": 'data:\n  ? |\n    two\n    lines\n  : v\n  ? "and\\nthis"\n  : w\n',
    "quoted keys": "\"data\":\n  'a': 1\n  \"b c\": 2\n",
    "keys that are no strings": "data:\n  1: a\n  0x10: b\n  true: c\n  ~: d\n  1.5: e\n",
    "anchors and aliases": "data:\n  a: &x one\n  b: *x\n  c: &m {k: v}\n  d: *m\n  e: &l\n  - 1\n  f: *l\n",
    "comments": "# head\ndata: # on data\n  # above a\n  a: b # line\n  # foot\nother: x\n# above the tail\n",
    "comments in lists": "l:\n# above one\n- one # line\n# above two\n- two\n# foot\nother: x\n",
    "comments in lists of maps": "l:\n- name: a # la\n  # above v\n  v: 1\n# above b\n- name: b\n  v: 2\n",
    "comments in flow collections": "data:\n  a: [one, # first\n    two] # last\n  b: {x: 1, # y\n    z: 2}\n",
    "flow collections": 'data: {a: b, "c": [1, 2], d: {}, e: [], f: \'x\', g: "a, b"}\n',
    "a value that is only a comment": "data:\n  a: # nothing\n  b: x\n",
    "wide lists": "l:\n  - a\n  - b\n",
    "lists in lists": "l:\n- - a\n  - b\n- - c\n",
    "signs in plain scalars": 'data:\n  a: -x\n  b: :x\n  c: ?x\n  d: a#b\n  e: http://x/y\n  f: a,b\n  g: a\'b\n',
    "tags": 'data:\n  a: !!str 1\n  b: !foo x\n  c: !!int "5"\n',
}  # fmt: skip

# What kpt rewrites by itself: `cat` does not leave it as it is, and a function must make no difference to that.
REWRITTEN = {
    "merge keys": "base: &b\n  x: 1\nother:\n  <<: *b\n  y: 2\n",
    "a plain merge key as value": "data:\n  a: <<\n",
    "astral characters": 'data:\n  a: 😀\n  b: "😀 x"\n  😀: c # 😀\n',
    "tabs": "data:\n  a: x\ty\n  b: \"x\ty\"\n  c: 'x\ty'\n  d:\tx\t# e\n",
    "trailing spaces": 'data:\n  a: b   \n  c: "d"  \n',
    "trailing spaces in a block": "data:\n  a: |\n    x  \n    y\n",
    "a key with a question mark": "data:\n  ? a\n  : v\n",
    "keys with escapes": 'data:\n  "two\\nlines": v\n',
    "literal, kept for nothing": "data:\n  a: |+\n    x\n  b: c\n",
    "literal, stripped before blank lines": "data:\n  a: |-\n    x\n\n\n  b: c\n",
    "literal, with indentation indicators": (
        "data:\n  a: |2\n    x\n  b: |2-\n    x\n  c: |2+\n    x\n  d: |-2\n    x\n  e: |4\n        x\n      y\n"
    ),
    "literal, empty": "data:\n  a: |\n  b: c\n",
    "folded": "data:\n  a: >\n    x\n    y\n\n    z\n      more\n  b: c\n",
    "folded, stripped": "data:\n  a: >-\n    x\n    y\n  b: c\n",
    "folded, kept": "data:\n  a: >+\n    x\n\n\n  b: c\n",
    "folded, with indentation indicators": "data:\n  a: >2\n    x\n    y\n  b: >-2\n    x\n  c: >2+\n    x\n\n  d: e\n",
    "double quotes over lines": 'data:\n  a: "one\n    two\n\n    three"\n  b: "one\\\n    two"\n',
    "single quotes over lines": "data:\n  a: 'one\n    two\n\n    three'\n  b: c\n",
    "plain over lines": "data:\n  a: one\n    two\n\n    three\n  b: c\n",
    "breaks of YAML 1.1": 'data:\n  a: "x\u0085y"\n  b: "x\u2028y"\n  c: "\\u0085\\u2028"\n',
    "blank lines": "data:\n\n  a: b\n\n  c: d\n\n",
    "wide indentation": "spec:\n    a: 1\n    b:\n        c: 2\n",
    "spaces in flow collections": "data: { a: b, c: [ 1,2 ] }\n",
    "other tags": "data:\n  a: ! x\n  b: !!map\n    c: d\n",
}

DOCUMENTS = {
    **{name: HEAD + body + TAIL for name, body in {**STABLE, **REWRITTEN}.items()},
    "CRLF": (HEAD + "data:\n  a: b # c\n  l: |\n    one\n    two\n  f: >-\n    x\n    y\n" + TAIL).replace(
        "\n", "\r\n"
    ),
    "a byte order mark": f"\ufeff{HEAD}data:\n  a: 😀\n{TAIL}",
    "a document start": f"---\n{HEAD}{TAIL}",
    "a document end": f"{HEAD}{TAIL}...\n",
    "comments around": f"# first\n\n# second\n{HEAD}{TAIL}# last\n",
    "no line break at the end": (HEAD + TAIL)[:-1],
    "several documents": f"# one\n{HEAD}{TAIL}---\n# two\n{HEAD}data:\n  a: on # c\n{TAIL}",
}
UNSTABLE = set(DOCUMENTS) - set(STABLE) - {"several documents"}
FILES = {name: f"f{index}.yaml" for index, name in enumerate(DOCUMENTS)}

# Two keys alike: kpt itself gives both the last value, and a function that reads it must say so.
TWICE = "apiVersion: v1\nkind: Twice\nmetadata:\n  name: t\ndata:\n  a: 1\n  b: x\n  a: 1\nend: before\n"

# Strings that some reader of YAML takes for something else, and those that need care for other reasons

WORDS = r"""
12:30:45 22:22 on yes y n N off 0644 0o644 0O17 08 1_000 0x1F 0b11 1.10 1.0e+10 1e3 1E3 1e10 1. .5 +1 -0 1e400 _1 1_
2024-01-02T03:04:05Z 2024-01-02 ~ null true True tRUE = << .inf -.Inf +.INF .nan .NaN . .. ... --- - ? : * & ! % @ `
18446744073709551616 123456789012345678901234567890 -9223372036854775809 0xFFFFFFFFFFFFFFFFF 100m 1Gi v1 1.2.3 1,000
{} [] {a [b a, a,b ] } #a a#b a: :a a:b ?a -a *a &a !a |a >a %a @a `a 'a' "a" a'b a"b it's \\ \n a\b http://x/y?z=1#w
"""
STRINGS = [
    *WORDS.split(),
    *(
        "",
        " ",
        "  ",
        " a",
        "a ",
        "\t",
        "a\tb",
        "\ta",
        "a\t",
        "a: b",
        "a #b",
        "- a",
        "? a",
        "a :b",
        "a:  b",
        "--- a",
        "... a",
    ),
    *(
        "\n",
        "\n\n",
        "a\n",
        "a\n\n",
        "\na",
        "\n a",
        " a\nb",
        "a\nb",
        "a\n b\n",
        "a \nb",
        "a\n\tb",
        "\ta\nb",
        "a\n\n\nb\n\n\n",
    ),
    *(
        "a\r\nb",
        "\r",
        "a\rb",
        "# a\nb: c\n",
        "a: b\n---\nc: d\n",
        "- a\n- b\n",
        "{{ a }}\n",
        "a\n \nb",
        "a\n  \n",
        "\n\na\n",
    ),
    *(
        "é",
        "ünï cödé",
        "日本",
        "😀",
        "😀\n😀\n",
        "a\u00a0b",
        "\u00a0",
        "\u0085",
        "a\u0085b",
        "\u2028",
        "a\u2029b",
        "\ufeff",
    ),
    *(
        "\ufeffa",
        "\ufffe",
        "\uffff",
        "\u200b",
        "\u00ad",
        "\ud7ff",
        "\ue000",
        "\U0010ffff",
        "\U0001f468\u200d\U0001f469",
    ),
    *("e\u0301", *map(chr, range(32)), "\x7f", "\x80", "\x9f", "a\x00b\n", "a\x1bb\nc"),
    *("word " * 100 + "end", "w" * 3000, ("long " * 60 + "\n") * 3),
]


# Running


@pytest.fixture(scope="module")
def command(tmp_path_factory: pytest.TempPathFactory) -> Command:
    """Return the command line of a function of the table."""
    folder = tmp_path_factory.mktemp("functions")
    for name, body in FUNCTIONS.items():
        (folder / f"{name}.py").write_text(
            "import json, os, subprocess, sys\nfrom krm_functions_sdk import Resource, run\n\n\n"
            f'def {name}(resources):\n    """Test."""\n    {body}\n\n\nsys.exit(run({name}))\n'
        )
    return lambda name: name if name == "cat" else f"{sys.executable} {folder / name}.py"


def copy_of(texts: dict[str, str], root: Path) -> Copy:
    """Write files into a new folder."""
    copy = Copy(root)
    for file, text in texts.items():
        copy.write(file, text)
    return copy


def evaluate(kpt: str, copy: Copy, function: str, *options: str) -> Run:
    """Run a function over a folder with `kpt fn eval`."""
    before, _, after = " ".join(options).partition("--fn ")
    command = [kpt, "fn", "eval", str(copy.root), "--exec", function, "--truncate-output=false", *before.split()]
    command += ["--", *after.split()] if after else []
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)


def render(kpt: str, copy: Copy, function: str, *options: str) -> Run:
    """Run a function over a folder with `kpt fn render`."""
    copy.write("Kptfile", kptfile(function))
    command = [kpt, "fn", "render", str(copy.root), "--allow-exec", "--truncate-output=false", *options]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)


def kptfile(function: str) -> str:
    """Return a Kptfile with one function."""
    return (
        f"apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata:\n  name: p\npipeline:\n  mutators:\n  - exec: {function}\n"
    )


def direct(function: str, text: str) -> tuple[int, str, str]:
    """Run a function on its own; return exit status, standard output and error."""
    done = subprocess.run(function.split(), input=text.encode(), capture_output=True, check=False)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


@pytest.fixture(scope="module")
def trees(kpt: str, command: Command, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., dict[str, str]]:
    """Return the files that kpt leaves of all documents, by the function that ran and how it was run."""
    known: dict[tuple[str, str], dict[str, str]] = {}

    def after(function: str, how: str = "eval") -> dict[str, str]:
        if (function, how) not in known:
            texts = {FILES[name]: text for name, text in DOCUMENTS.items()}
            copy = copy_of({**texts, "twice.yaml": TWICE}, tmp_path_factory.mktemp("package") / "p")
            run = (evaluate if how == "eval" else render)(kpt, copy, command(function))
            assert run.returncode == 0, run.stderr
            known[function, how] = copy.texts()
        return known[function, how]

    return after


Trees = Callable[..., dict[str, str]]


# A function that touches nothing


@pytest.mark.parametrize("name", STABLE)
def test_cat_leaves_what_is_in_the_format_of_kpt(name: str, trees: Trees) -> None:
    """The table says which constructs kpt leaves as they are."""
    assert trees("cat")[FILES[name]] == DOCUMENTS[name]


@pytest.mark.parametrize("name", sorted(UNSTABLE))
def test_cat_rewrites_what_is_not(name: str, trees: Trees) -> None:
    """The table says which constructs kpt rewrites."""
    assert trees("cat")[FILES[name]] != DOCUMENTS[name]


@pytest.mark.parametrize("how", ["eval", "render"])
@pytest.mark.parametrize("function", ["nothing", "read_all"])
def test_a_function_that_touches_nothing_is_cat(function: str, how: str, trees: Trees) -> None:
    """Kpt leaves the same bytes after a function that touches nothing, or only reads everything, as after `cat`."""
    have, want = trees(function, how), trees("cat", how)
    have.pop("Kptfile", None), want.pop("Kptfile", None)
    assert have == want


@pytest.mark.parametrize("function", ["nothing", "read_all"])
def test_the_bytes_of_a_list_come_out_as_they_came_in(function: str, command: Command) -> None:
    """A function that touches nothing is `cat` to the byte, on what kpt would never send as well."""
    items = [
        re.sub("(?m)^(?=.)", "  ", text) for text in (HEAD + body + TAIL for body in {**STABLE, **REWRITTEN}.values())
    ]
    text = "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n" + "".join(
        f"-{item[1:]}" for item in items
    )
    for version in (text, text.replace("\n", "\r\n"), f"\ufeff{text}", text.replace("io/v1", "io/v1beta1"), text[:-1]):
        assert direct(command(function), version) == (0, version, "")


# A function that edits another field


@pytest.mark.parametrize("name", DOCUMENTS)
@pytest.mark.parametrize(("function", "before"), [("edit_head", "edit: before"), ("edit_tail", "tail: before")])
def test_an_edit_leaves_the_rest(name: str, function: str, before: str, trees: Trees) -> None:
    """Kpt leaves the bytes of `cat` but for the edited field; in its own format just one line of the file changes."""
    have, control = trees(function)[FILES[name]], trees("cat")[FILES[name]]
    assert have == control.replace(before, before.replace("before", "after"))
    if name in STABLE:
        old, new = DOCUMENTS[name].split("\n"), have.split("\n")
        assert len(old) == len(new)
        assert [(a, b) for a, b in zip(old, new, strict=True) if a != b] == [
            (before, before.replace("before", "after"))
        ] or (before.startswith("edit") and sum(a != b for a, b in zip(old, new, strict=True)) == 1)


@pytest.mark.parametrize("name", sorted(set(DOCUMENTS) - {"several documents", "comments around"}))
def test_a_new_field_leaves_the_rest(name: str, trees: Trees) -> None:
    """Kpt leaves the bytes of `cat`, and the new field below them."""
    assert trees("add_field")[FILES[name]] == trees("cat")[FILES[name]] + "added: new\n"


def test_an_edit_made_twice_is_made_once(kpt: str, command: Command, trees: Trees, tmp_path: Path) -> None:
    """A second run changes nothing in what the first one left."""
    copy = copy_of(trees("edit_tail"), tmp_path / "p")
    assert evaluate(kpt, copy, command("cat")).returncode == 0
    control = copy.texts()
    assert evaluate(kpt, copy, command("edit_tail")).returncode == 0
    assert copy.texts() == control


def test_duplicate_keys_are_named_when_read(kpt: str, command: Command, tmp_path: Path) -> None:
    """A map with one key twice is an error with both lines for the function that edits it, and the file stays."""
    copy = copy_of({"twice.yaml": TWICE}, tmp_path / "p")
    run = evaluate(kpt, copy, command("edit_twice"))
    assert run.returncode != 0
    assert copy.texts() == {"twice.yaml": TWICE}
    assert re.search(r"key 'a' appears twice in one map, first on line \d+", run.stderr)


# Strings that a function writes

PLACES = ("block", "flow", "single", "double", "literal")


@pytest.fixture(scope="module")
def written(kpt: str, command: Command, tmp_path_factory: pytest.TempPathFactory) -> Copy:
    """Files in which a function wrote the strings: one in YAML, and one that kpt has read and written as JSON."""
    before = {"block": "x", "single": "'x'", "double": '"x"', "literal": "|\n    x"}
    blocks = [
        f"{place}:\n" + "".join(f"  k{n}: {text}\n" for n in range(len(STRINGS))) for place, text in before.items()
    ]
    flow = (
        "flow: {"
        + ", ".join(f"k{n}: x" for n in range(len(STRINGS)))
        + "}\nflowlist: [x]\nflowkeys: {x: y}\nkeys:\n  x: y\n"
    )
    head = "apiVersion: v1\nkind: Strings\nmetadata:\n  name: x\n"
    root = tmp_path_factory.mktemp("strings")
    (root / "strings.txt").write_text(json.dumps(STRINGS))
    copy = copy_of({"a.yaml": head + "".join(blocks) + flow, "b.json": json.dumps(yaml.safe_load(head))}, root / "p")
    run = evaluate(kpt, copy, command("write_strings"), f"--fn file={root / 'strings.txt'}")
    assert run.returncode == 0, run.stderr
    return copy


def is_key(text: str) -> bool:
    """Say whether a string may be a key: kpt takes no empty ones, and YAML none beyond 1024 characters on a line."""
    return 0 < len(text) < 1000


def assert_strings(found: dict[str, Any]) -> None:
    """Compare what a reader found in each place with the strings."""
    for place in PLACES:
        values = [found[place][f"k{index}"] for index in range(len(STRINGS))]
        assert values == STRINGS, place
    assert found["list"] == found["flowlist"] == STRINGS
    assert found["keys"] == found["flowkeys"] == {text: text for text in STRINGS if is_key(text)}


def test_kubectl_reads_the_strings(require: Require, written: Copy) -> None:
    """Each string is the same for kubectl, in a block, in braces, in quotes, as an item and as a key."""
    kubectl = [require("kubectl"), "annotate", "--local", "-f", str(written.root / "a.yaml"), "a=b", "-o", "json"]
    done = subprocess.run(kubectl, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    assert_strings(json.loads(done.stdout))


def test_kpt_reads_the_strings(written: Copy) -> None:
    """Each string is the same for kpt, which turns the values that it reads into JSON for a file of that name."""
    assert_strings(json.loads(written.read("b.json")))


def test_pyyaml_reads_the_strings(written: Copy) -> None:
    """Each string is the same for a reader of YAML 1.1, after kpt has formatted it."""
    assert_strings(yaml.safe_load(written.read("a.yaml")))


# Failure, results and what must not get out

TEXTS = {"a.yaml": f"{HEAD}{TAIL}", "b.yaml": f"{HEAD}data: {{a: on}} # c\n{TAIL}"}


def results_of(folder: Path) -> dict[str, Any]:
    """Return the results file that kpt wrote, after a look at its frame."""
    written: dict[str, Any] = yaml.safe_load((folder / "results.yaml").read_text())
    assert (written["apiVersion"], written["kind"], written["metadata"]["name"]) == (
        "kpt.dev/v1",
        "FunctionResultList",
        "fnresults",
    )
    return written


@pytest.mark.parametrize("runs", [evaluate, render])
@pytest.mark.parametrize(
    ("function", "message"),
    [
        ("fail", "no"),
        ("crash", "crash crashed at crash.py:7 in crash: KeyError: 'missing'"),
        ("leave", "leave crashed at leave.py:7 in leave: SystemExit: 0"),
        ("empty", "the function returned no resources at all; this would delete the whole package"),
    ],
)
def test_a_failure_leaves_the_files(
    function: str, message: str, runs: Callable[..., Run], kpt: str, command: Command, tmp_path: Path
) -> None:
    """An error, a crash, an early exit and an empty list fail the run, say why, and leave every file as it was."""
    copy = copy_of({**TEXTS, "Kptfile": kptfile(command(function))}, tmp_path / "p")
    before = copy.texts()
    run = runs(kpt, copy, command(function), f"--results-dir={tmp_path / 'results'}")
    assert run.returncode == 1
    assert copy.texts() == before
    assert "[FAIL]" in run.stderr
    assert "Traceback" not in run.stderr
    written = results_of(tmp_path / "results")
    assert written["exitCode"] == 1
    (item,) = written["items"]
    assert item["exitCode"] == 1
    assert message in item["stderr"]
    (result,) = item["results"]
    assert (result["message"], result["severity"]) == (message, "error")


def test_an_error_names_field_and_file(kpt: str, command: Command, tmp_path: Path) -> None:
    """Kpt reads resource, field, value and file of a result."""
    copy = copy_of(TEXTS, tmp_path / "p")
    evaluate(kpt, copy, command("fail"), f"--results-dir={tmp_path / 'results'}")
    ((result,),) = (item["results"] for item in results_of(tmp_path / "results")["items"])
    assert result["resourceRef"] == {"apiVersion": "v1", "kind": "Foo", "name": "x"}
    assert result["field"] == {"path": "tail", "currentValue": [1]}
    assert result["file"] == {"path": "a.yaml"}


def test_a_warning_passes_with_types_that_kpt_reads(kpt: str, command: Command, tmp_path: Path) -> None:
    """Tags are strings and the index is a number, whatever the author gives, and a warning is no failure."""
    copy = copy_of({"all.yaml": f"{HEAD}{TAIL}---\n{HEAD}{TAIL}"}, tmp_path / "p")
    before = copy.texts()
    run = evaluate(kpt, copy, command("warn"), f"--results-dir={tmp_path / 'results'}")
    assert run.returncode == 0, run.stderr
    assert copy.texts() == before
    ((result,),) = (item["results"] for item in results_of(tmp_path / "results")["items"])
    assert result["severity"] == "warning"
    assert result["tags"] == {"n": "1", "list": "[1]", "3": "None"}
    status, output, _ = direct(command("warn"), listed(f"{HEAD}{TAIL}"))
    assert status == 0
    (direct_result,) = yaml.safe_load(output)["results"]
    assert all(isinstance(value, str) for value in direct_result["tags"].values())


def listed(*documents: str) -> str:
    """Return a ResourceList of some documents."""
    items = "".join("-" + re.sub("(?m)^(?=.)", "  ", document)[1:] for document in documents)
    return f"apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n{items}"


@pytest.mark.parametrize("runs", [evaluate, render])
def test_what_a_function_prints_breaks_nothing(
    runs: Callable[..., Run], kpt: str, command: Command, tmp_path: Path
) -> None:
    """Text that a function, its C code or its child processes write to standard output goes to standard error."""
    copy = copy_of({**TEXTS, "Kptfile": kptfile(command("talk"))}, tmp_path / "p")
    before = copy.texts()
    run = runs(kpt, copy, command("talk"))
    assert run.returncode == 0, run.stderr
    assert copy.texts() == before
    status, output, errors = direct(command("talk"), listed(*TEXTS.values()))
    assert (status, output) == (0, listed(*TEXTS.values()))
    assert all(text in errors for text in ("a: [", "- {", "%", ":{", "!!x"))


@pytest.mark.parametrize("function", ["nothing", "edit_tail", "fail", "crash", "empty", "talk", "warn"])
def test_standard_output_is_one_readable_list(function: str, command: Command) -> None:
    """Whatever a function does, it leaves one ResourceList with as many items as came, in their order."""
    documents = [f"{HEAD}{TAIL}".replace("name: x", f"name: x{index}") for index in (3, 1, 2)]
    _, output, _ = direct(command(function), listed(*documents))
    found = yaml.safe_load(output)
    assert (found["apiVersion"], found["kind"]) == ("config.kubernetes.io/v1", "ResourceList")
    assert [item["metadata"]["name"] for item in found["items"]] == ["x3", "x1", "x2"]


@pytest.mark.parametrize("data", [b"", b"a: [", b"\xff\xfe\x00", b"items: {", b"kind: ResourceList\nitems: 5\n"])
def test_input_that_cannot_be_read_comes_out_again(data: bytes, command: Command) -> None:
    """What is no YAML fails with a reason, and standard output holds nothing that was not in standard input."""
    done = subprocess.run(command("read_all").split(), input=data, capture_output=True, check=False)
    assert done.returncode == 1
    assert done.stdout == data
    assert done.stderr.startswith(b"[error] ")
    assert b"Traceback" not in done.stderr


def test_duplicates_and_their_order_survive(kpt: str, command: Command, tmp_path: Path) -> None:
    """Resources of one name stay as many as they were, in one file and in several, and documents in their order."""
    texts = {"a.yaml": f"{HEAD}{TAIL}---\n{HEAD}data: 2\n{TAIL}---\n{HEAD}data: 1\n{TAIL}", "b.yaml": f"{HEAD}{TAIL}"}
    copy = copy_of(texts, tmp_path / "p")
    run = evaluate(kpt, copy, command("edit_tail"))
    assert run.returncode == 0, run.stderr
    assert copy.texts() == {file: text.replace("tail: before", "tail: after") for file, text in texts.items()}


def test_no_alias_gets_out(kpt: str, command: Command, tmp_path: Path) -> None:
    """One Python object in several places is written out at each."""
    copy = copy_of(TEXTS, tmp_path / "p")
    run = evaluate(kpt, copy, command("share"))
    assert run.returncode == 0, run.stderr
    assert copy.texts() == {file: f"{text}shared:\n  a:\n  - k: v\n  b:\n  - k: v\n" for file, text in TEXTS.items()}


@pytest.mark.parametrize("runs", [evaluate, render])
def test_a_generator_generates_once(runs: Callable[..., Run], kpt: str, command: Command, tmp_path: Path) -> None:
    """New resources of one file stand in it in their order, in kpt's format, and a second run changes nothing."""
    copy = copy_of({**TEXTS, "Kptfile": kptfile(command("generate"))}, tmp_path / "p")
    before = copy.texts()
    run = runs(kpt, copy, command("generate"))
    assert run.returncode == 0, run.stderr
    new = "apiVersion: v1\nkind: New\nmetadata:\n  name: {}\n"
    assert copy.texts() == {**before, "new.yaml": f"{new.format('b')}---\n{new.format('a')}"}
    after = copy.texts()
    assert runs(kpt, copy, command("generate")).returncode == 0
    assert copy.texts() == after


@pytest.mark.parametrize("function", ["nameless", "kindless"])
def test_what_is_no_resource_fails_the_run(function: str, kpt: str, command: Command, tmp_path: Path) -> None:
    """A new item without metadata.name, or without a kind, is no success and leaves the files."""
    copy = copy_of(TEXTS, tmp_path / "p")
    run = evaluate(kpt, copy, command(function))
    assert run.returncode != 0
    assert copy.texts() == TEXTS


def test_annotations_that_are_strings_stay_strings(kpt: str, command: Command, tmp_path: Path) -> None:
    """An annotation that looks like a number or boolean is quoted: kpt would let it pass, and the cluster would not."""
    copy = copy_of(TEXTS, tmp_path / "p")
    run = evaluate(kpt, copy, command("annotate"))
    assert run.returncode == 0, run.stderr
    expected = "".join(
        f'    a{n}: "{text}"\n' for n, text in enumerate(["5", "true", "1e3", "null", "12:30:45", "on", ""])
    )
    assert all(f"    edit: before\n{expected}" in text for text in copy.texts().values())


@pytest.mark.parametrize("kind", ["List", "ResourceList"])
def test_a_list_stays_the_list_that_it_was(kind: str, command: Command) -> None:
    """Other versions, plain Lists and JSON come out as what they came in, the edit made."""
    text = listed(f"{HEAD}{TAIL}").replace("ResourceList", kind).replace("io/v1", "io/v1beta1")
    assert direct(command("edit_tail"), text) == (0, text.replace("tail: before", "tail: after"), "")
    status, output, _ = direct(command("edit_tail"), json.dumps(yaml.safe_load(text), indent=2))
    assert status == 0
    assert yaml.safe_load(output) == yaml.safe_load(text.replace("tail: before", "tail: after"))


# Streams


def test_a_function_takes_the_stream_of_kustomize(require: Require, command: Command, tmp_path: Path) -> None:
    """`kubectl kustomize | function` keeps each byte that the function does not edit, and fails with its input."""
    names = {"a.yaml": "one", "b.yaml": "two"}
    files = {file: TEXTS[file].replace("name: x", f"name: {name}") for file, name in names.items()}
    files["a.yaml"] += "more:\n- \"1e3\"\n- |\n  x\n\n  y\n- ünï 😀\n- 'on'\n"
    copy_of({**files, "kustomization.yaml": "resources:\n- a.yaml\n- b.yaml\nnameSuffix: -s\n"}, tmp_path / "p")
    kustomize = [require("kubectl"), "kustomize", str(tmp_path / "p")]
    built = subprocess.run(kustomize, capture_output=True, text=True, encoding="utf-8", check=True).stdout
    assert built.count("tail: before") == 2
    assert direct(command("nothing"), built) == (0, built, "")
    assert direct(command("edit_tail"), built) == (0, built.replace("tail: before", "tail: after"), "")
    status, output, errors = direct(command("fail"), built)
    assert (status, output) == (1, built)
    assert errors == "[error] Foo one-s: tail: no\n"
