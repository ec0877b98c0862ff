"""Packages on disk: what is read, in what order, what is refused, and how files are written."""

import re
from collections.abc import Mapping
from pathlib import Path

import pytest
from krm_functions_sdk import Resource
from krm_functions_sdk.files import package
from krm_functions_sdk.files.package import Package, PackageFile
from krm_functions_sdk.resources.results import Results

KPTFILE = "apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata:\n  name: p\n"


def config_map(name: str) -> str:
    return f"apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {name}\n"


def make(root: Path, files: Mapping[str, str | bytes]) -> Path:
    for name, content in {"Kptfile": KPTFILE, **files}.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content.encode() if isinstance(content, str) else content)
    return root


def read(root: Path) -> tuple[Package, list[str]]:
    results = Results()
    found = Package.read(root, root.name, results)
    return found, [str(result).replace(f"{root.as_posix()}/", "") for result in results]


# Reading


def test_files_come_in_the_order_of_kpt(tmp_path: Path) -> None:
    """Names in the order of their bytes, folders among the files, hidden ones too, and no other suffixes."""
    names = [
        "z.yaml",
        "a/x.yml",
        "a/deep/y.json",
        "a.yaml",
        "b.yaml",
        ".hidden/h.yaml",
        ".yaml",
        "README.md",
        "x.yaml.bak",
    ]
    make(tmp_path, {name: config_map("n") for name in names} | {".git/refs.yaml": "broken: ["})
    found, errors = read(tmp_path)
    assert errors == []
    assert list(found.files) == [
        ".hidden/h.yaml",
        ".yaml",
        "Kptfile",
        "a/deep/y.json",
        "a/x.yml",
        "a.yaml",
        "b.yaml",
        "z.yaml",
    ]


def test_a_subpackage_is_not_part_of_the_package(tmp_path: Path) -> None:
    """A folder with a Kptfile is a package of its own, also where an ignore file names it."""
    make(tmp_path, {"sub/Kptfile": KPTFILE, "sub/x.yaml": config_map("x"), ".krmignore": "sub\n"})
    found, _ = read(tmp_path)
    assert list(found.files) == ["Kptfile"]
    assert found.subpackages == [tmp_path / "sub"]


def test_packages_below_an_ignored_folder_are_read(tmp_path: Path) -> None:
    """As under kpt: an ignore file hides no package, wherever it lies; what is beside it is hidden."""
    files = {
        "hid/deep/p/Kptfile": KPTFILE,
        "hid/deep/p/q/Kptfile": KPTFILE,
        "hid/x.yaml": "a: b",
        "hid/.git/Kptfile": "",
    }
    make(tmp_path, {**files, ".krmignore": "hid/\n"})
    found, errors = read(tmp_path)
    assert (list(found.files), errors) == (["Kptfile"], [])
    assert found.subpackages == [tmp_path / "hid/deep/p"]


def test_a_kptfile_that_is_ignored_still_has_its_pipeline(tmp_path: Path) -> None:
    """Functions do not see it then, as under kpt."""
    make(tmp_path, {"x.yaml": config_map("x"), ".krmignore": "Kptfile\n"})
    found, _ = read(tmp_path)
    assert list(found.files) == ["x.yaml"]
    assert found.kptfile is not None
    assert found.kptfile.kind == "Kptfile"


@pytest.mark.parametrize(
    ("name", "text", "is_read"),
    [
        ("kustomization.yaml", "resources: [a.yaml]\n", True),
        ("deep/kustomization.yml", "resources: [a.yaml]\n", True),
        ("x.yaml", "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n", True),
        ("x.yaml", "kind: Kustomization\n", True),
        ("x.yaml", "kind: Component\n", False),
        ("x.yaml", "apiVersion: v1\nkind: Kustomization\n", False),
        ("my-kustomization.yaml", "resources: [a.yaml]\n", False),
    ],
)
def test_a_kustomization_needs_no_kind_and_no_name(tmp_path: Path, name: str, text: str, is_read: bool) -> None:
    """It is left alone by its file name, or by what it says of itself, as by kpt."""
    found, errors = read(make(tmp_path, {name: text}))
    assert name in found.files
    assert (errors == []) == is_read


def test_an_ignore_file_hides_files_and_folders(tmp_path: Path) -> None:
    """Its patterns count from its folder; the ignore file of a folder below counts for nothing, as under kpt."""
    ignored = ".krmignore"
    files = {
        "values.yaml": "a: b",
        "charts/x/values.yaml": "a: b",
        "keep/x.yaml": config_map("x"),
        "keep/.krmignore": "*",
    }
    make(tmp_path, {**files, ignored: "# not ours\n/values.yaml\ncharts/\n"})
    found, errors = read(tmp_path)
    assert errors == []
    assert list(found.files) == ["Kptfile", "keep/x.yaml"]


BROKEN = {b"x\xff\n": ".krmignore: cannot be read: byte 1 is not UTF-8; save the file as UTF-8"}


@pytest.mark.parametrize("text", BROKEN)
def test_an_ignore_file_that_cannot_be_read_is_an_error(tmp_path: Path, text: bytes) -> None:
    """And no file is read without it: one that it was to hide could be changed."""
    found, errors = read(make(tmp_path, {".krmignore": text, "x.yaml": config_map("x")}))
    assert errors == [f"[error] {BROKEN[text]}"]
    assert not found.files


def test_the_index_counts_resources(tmp_path: Path) -> None:
    """Empty documents and comments do not count, as under kpt; lines count from the file's start."""
    text = f"---\n# c\n---\n{config_map('one')}---\n---\n{config_map('two')}---\n# foot\n"
    found, errors = read(make(tmp_path, {"x.yaml": text}))
    assert errors == []
    resources = [resource for resource in found.resources if resource.path == "x.yaml"]
    assert [(resource.name, resource.index, resource.first_line) for resource in resources] == [
        ("one", 0, 4),
        ("two", 1, 10),
    ]


NO_OBJECT = "not a Kubernetes object: apiVersion, kind, metadata.name missing; fix it, or name the file in .krmignore"
FAULTS: dict[str, tuple[str | bytes, list[str]]] = {
    "empty": ("", []),
    "comments": ("# one\n---\n# two\n", []),
    "a byte order mark": ("\ufeff" + config_map("x"), []),
    "Windows line ends": (config_map("x").replace("\n", "\r\n"), []),
    "a document end": (config_map("x") + "...\n", []),
    "Kustomization without a name": ("apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n", []),
    "no object": (
        "\n# values\na: b\n",
        [f"x.yaml:3: {NO_OBJECT}"],
    ),
    "no name": (
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  generateName: x-\n",
        ["x.yaml:1: not a Kubernetes object: metadata.name missing; fix it, or name the file in .krmignore"],
    ),
    "a list": ("- 1\n", ["x.yaml:1: cannot be read as YAML: a Kubernetes object must be a map"]),
    "plain text": ("just text\n", ["x.yaml:1: cannot be read as YAML: a Kubernetes object must be a map"]),
    "no UTF-8": (b"\xff\xfea\x00", ["x.yaml: cannot be read: byte 0 is not UTF-8; save the file as UTF-8"]),
    "a tab": (
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n\tname: x\n",
        ["x.yaml:4: cannot be read as YAML: a tab stands where YAML takes spaces only"],
    ),
    "no name, and broken further down": (
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  labels:\n    a: b\ndata:\n  x: @y\n",
        ["x.yaml:7: cannot be read as YAML: no value begins with '@': put it in quotes"],
    ),
    "two mistakes": (
        f"a: b\n---\n{config_map('x')}---\nb: c\n",
        [
            f"x.yaml:1: {NO_OBJECT}",
            f"x.yaml:8: {NO_OBJECT}",
        ],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", FAULTS)
def test_what_is_no_object_is_named_with_file_and_line(tmp_path: Path, case: str) -> None:
    """Each document that kpt would not take is an error that names file, line, what is missing and what to do."""
    text, expected = FAULTS[case]
    _, errors = read(make(tmp_path, {"x.yaml": text}))
    assert errors == [f"[error] {line}" for line in expected]


@pytest.mark.parametrize("text", ["a: [\n", 'a: "\x01"\n', "a: b\n\tc: d\n", "%YAML 1.2\n---\na: *x\n", "? [a]\n: b\n"])
def test_broken_yaml_is_named_with_file_and_line(tmp_path: Path, text: str) -> None:
    """Whatever the parser says, the error names the file and a line in it."""
    _, errors = read(make(tmp_path, {"x.yaml": text}))
    assert errors
    assert re.match(r"\[error\] x\.yaml:[123]: cannot be read as YAML: .", errors[0])


LEAVES = "a symbolic link that leaves the package; put a copy here, or name the link in .krmignore"


def test_links_are_followed_to_files_inside(tmp_path: Path) -> None:
    """A symbolic link to a file of the package is read, one to a folder is not; one that leaves it is an error."""
    root = make(tmp_path / "p", {"deep/x.yaml": config_map("x")})
    (tmp_path / "x.yaml").write_text(config_map("x"))
    (root / "x.yaml").symlink_to("deep/x.yaml")
    (root / "folder").symlink_to("..")
    (root / "deep/loop").symlink_to("..")
    found, errors = read(root)
    assert (list(found.files), errors) == (["Kptfile", "deep/x.yaml", "x.yaml"], [])
    (root / "gone.yaml").symlink_to("nowhere")
    (root / "itself.yaml").symlink_to("itself.yaml")
    (root / "out.yaml").symlink_to("../x.yaml")
    assert read(root)[1] == [
        "[error] gone.yaml: cannot be read: not a regular file; is it a symbolic link to nothing, or in a loop?",
        "[error] itself.yaml: cannot be read: not a regular file; is it a symbolic link to nothing, or in a loop?",
        f"[error] out.yaml: cannot be read: {LEAVES}",
    ]


def test_packages_are_found_below_a_folder(tmp_path: Path) -> None:
    """A folder with a Kptfile is the package; otherwise the topmost ones below it, hidden folders left out."""
    for name in ("b", "a/x", "a/x/sub", ".venv/p"):
        make(tmp_path / name, {})
    assert package.find(tmp_path) == [tmp_path / "a/x", tmp_path / "b"]
    assert package.find(tmp_path / "b") == [tmp_path / "b"]
    assert package.find(tmp_path / ".venv") == [tmp_path / ".venv/p"]


# The text of a changed file

ONE, TWO, NEW = config_map("one"), config_map("two"), config_map("new")
WRITTEN: dict[str, tuple[str, list[str], str | None]] = {
    "nothing changes": (f"{ONE}---\n{TWO}", ["one", "two"], f"{ONE}---\n{TWO}"),
    "the first goes": (f"{ONE}---\n{TWO}", ["two"], TWO),
    "the first goes, of a file that begins with a separator": (f"---\n{ONE}---\n{TWO}", ["two"], f"---\n{TWO}"),
    "the last goes": (f"{ONE}---\n{TWO}", ["one"], ONE),
    "all go": (f"{ONE}---\n{TWO}", [], None),
    "all go but a comment": (f"{ONE}---\n# c\n", [], None),
    "one is added": (ONE, ["one", "new"], f"{ONE}---\n{NEW}"),
    "one is added behind a missing line end": (ONE.rstrip(), ["one", "new"], f"{ONE}---\n{NEW}"),
    "one replaces all": (f"{ONE}---\n{TWO}", ["new"], NEW),
    "one is added to an empty file": ("", ["new"], NEW),
    "one is added to comments": ("# a\n---\n\n# b\n", ["new"], f"# a\n# b\n{NEW}"),
    "comments stay": ("# a\n---\n\n# b\n", [], "# a\n---\n\n# b\n"),
    "a byte order mark stays": (f"\ufeff{ONE}---\n{TWO}", ["two", "new"], f"\ufeff{TWO}---\n{NEW}"),
    "separators with comments stay": (f"--- # 1\n{ONE}--- # 2\n{TWO}", ["one", "two"], f"--- # 1\n{ONE}--- # 2\n{TWO}"),
    "Windows line ends stay": (f"{ONE}---\n{TWO}".replace("\n", "\r\n"), ["two"], TWO.replace("\n", "\r\n")),
}


@pytest.mark.parametrize("case", WRITTEN)
def test_the_text_of_a_changed_file(case: str) -> None:
    """Resources that stay keep their text and separators; a file without any resource is deleted."""
    text, names, expected = WRITTEN[case]
    file = PackageFile("x.yaml", text)
    kept = {id(one): one for _, one in file.documents if one is not None and one.name in names}
    added = [Resource(NEW)] if "new" in names else []
    assert file.written(kept, added) == expected


def test_new_resources_go_to_their_file_by_index(tmp_path: Path) -> None:
    """Resources without a path get the file that kpt gives them; those of one file stand by index."""
    found, _ = read(make(tmp_path, {}))
    new = [
        Resource(config_map("late"), path="x.yaml", index=10),
        Resource(config_map("early"), path="x.yaml", index=9),
        Resource(config_map("plain")),
        Resource(config_map("spaced") + "  namespace: n\n"),
    ]
    assert found.changes([*found.resources, *new]) == {
        "x.yaml": f"{config_map('early')}---\n{config_map('late')}",
        "configmap_plain.yaml": config_map("plain"),
        "n/configmap_spaced.yaml": config_map("spaced") + "  namespace: n\n",
    }


# Writing

REFUSED = (
    ("../x.yaml", "outside the package"),
    ("/x.yaml", "outside the package"),
    ("a/../../x.yaml", "outside the package"),
    ("folder/x.yaml", "outside the package"),
    ("link.yaml", "outside the package"),
    ("hidden.yaml", "not part of the render"),
    ("README.md", "not part of the render"),
    ("sub", "not part of the render"),
    ("sub/Kptfile", "not part of the render"),
)


@pytest.mark.parametrize(("path", "reason"), REFUSED)
def test_what_is_not_written(tmp_path: Path, path: str, reason: str) -> None:
    """Nothing outside the package is written, nothing through a link that leads out, nothing over a file not read."""
    root = make(
        tmp_path / "p", {"hidden.yaml": "a: b", ".krmignore": "hidden.yaml", "README.md": "", "sub/Kptfile": KPTFILE}
    )
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "link.yaml").write_text(config_map("x"))
    (root / "folder").symlink_to("../elsewhere")
    (root / "link.yaml").symlink_to("../link.yaml")
    found, errors = read(root)
    assert errors == [f"[error] link.yaml: cannot be read: {LEAVES}"]
    ((refused, why),) = found.refusals({path: "text"})
    assert refused == path
    assert reason in why


def test_what_is_written(tmp_path: Path) -> None:
    """Files that were read, new ones in new folders, and those behind a link that stays inside."""
    root = make(tmp_path, {"x.yaml": config_map("x"), "deep/y.yaml": config_map("y")})
    (root / "link.yaml").symlink_to("deep/y.yaml")
    (root / "x.yaml").chmod(0o640)
    found, _ = read(root)
    changed: dict[str, str | None] = {"x.yaml": "1", "new/folder/z.yaml": "2", "link.yaml": "3"}
    assert list(found.refusals(changed)) == []
    package.write(root, [(found, changed)])
    assert [(root / name).read_text() for name in changed] == ["1", "2", "3"]
    assert (root / "link.yaml").is_symlink()
    assert (root / "x.yaml").stat().st_mode & 0o777 == 0o640
    assert (root / "new/folder/z.yaml").stat().st_mode & 0o777 == 0o644
    found, _ = read(root)
    package.write(root, [(found, {"x.yaml": None})])
    assert not (root / "x.yaml").exists()
