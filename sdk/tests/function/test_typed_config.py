"""A functionConfig as a dataclass: its schema, its values, its faults, and what a function says of itself by it."""

from __future__ import annotations

import enum
import json
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

import jsonschema_rs
import krm_functions_sdk
import pytest
from krm_functions_sdk import Resource, ResourceList, config
from krm_functions_sdk.document import parser, tree
from krm_functions_sdk.function import typed_config
from krm_functions_sdk.function.call import execute
from krm_functions_sdk.function.callable import name_of
from krm_functions_sdk.function.definition import Definition
from krm_functions_sdk.function.manual import help_text


class Mode(enum.Enum):
    """Where the text goes."""

    PREPEND = "prepend"
    APPEND = "append"


@dataclass
class Probe:
    """How to ask."""

    path: str
    period_seconds: Annotated[int, {"minimum": 1}] = 10


@dataclass
class SetReplicas:
    """Set the number of replicas of Deployments.

    Comments stay.
    """

    API_VERSION = "fn.example.com/v1"
    IMAGE = "example.com/set-replicas:v1"
    seen: ClassVar[list[SetReplicas]] = []

    replicas: Annotated[int, "How many replicas", {"minimum": 0}]
    mode: Mode = Mode.PREPEND
    level: Literal["low", "high"] = "low"
    in_: list[str] = field(default_factory=list)
    max_surge: int | str = 1
    share: float = 0.5
    dry_run: bool = False
    labels: dict[str, str] = field(default_factory=dict)
    probe: Probe | None = None
    probes: tuple[Probe, ...] = ()
    pod_ip: str = field(default="", metadata={"name": "podIP"})
    anything: Any = None

    def __post_init__(self) -> None:
        if self.replicas == 13:
            raise ValueError("found 13 replicas, expected a number that brings luck")

    def __call__(self, resources: ResourceList) -> None:
        self.seen.append(self)
        for deployment in resources.where("Deployment"):
            deployment.set("spec.replicas", self.replicas)


@dataclass
class SetLabels:
    """Set labels."""

    IS_FLAT = True
    KIND = "Labels"
    labels: dict[str, Annotated[str, {"minLength": 1}]]


MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: function-input\n"
OWN = "apiVersion: fn.example.com/v1\nkind: SetReplicas\nmetadata:\n  name: x\n"
FLAT = "apiVersion: fn.kpt.dev/v1alpha1\nkind: Labels\nmetadata:\n  name: x\n"


def load(text: str | None, shape: type = SetReplicas) -> tuple[Any, list[tuple[str, str]]]:
    """Return what is loaded from a functionConfig, and field and message of each result."""
    resources = ResourceList([], None if text is None else Resource(text))
    found = config.load(resources, shape)
    return found, [(result.field, result.message) for result in resources.results]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (OWN + "spec: {replicas: 3}\n", SetReplicas(3)),
        (MAP + 'data: {replicas: "3"}\n', SetReplicas(3)),
        (
            OWN + "spec:\n  replicas: 3\n  mode: append\n  level: high\n  in: [a]\n  maxSurge: 25%\n  share: 1\n"
            "  dryRun: on\n  labels: {a: b}\n  probe: {path: /}\n  probes: [{path: /a, periodSeconds: 3}]\n  podIP: x\n"
            "  anything: [1]\n",
            SetReplicas(
                *(3, Mode.APPEND, "high", ["a"], "25%", 1.0, True, {"a": "b"}, Probe("/")),
                *((Probe("/a", 3),), "x", [1]),
            ),
        ),
        (
            MAP + "data:\n  replicas: '3'\n  mode: append\n  in: '[a, b]'\n  maxSurge: '2'\n  share: '0.25'\n"
            "  dryRun: 'true'\n  labels: 'a: b'\n  probe: '{path: /}'\n  podIP: '1'\n",
            SetReplicas(3, Mode.APPEND, "low", ["a", "b"], 2, 0.25, True, {"a": "b"}, Probe("/"), (), "1"),
        ),
    ],
)
def test_an_instance_holds_what_the_user_wrote(text: str, wanted: SetReplicas) -> None:
    """Values have the types of the fields, from an own kind as from the strings of a ConfigMap, and defaults hold."""
    assert load(text) == (wanted, [])


@pytest.mark.parametrize("text", [FLAT + "labels: {a: b}\n", MAP + "data: {a: b}\n"])
def test_fields_beside_metadata(text: str) -> None:
    """A flat kind needs no spec; the data of a ConfigMap is the one field, where this is a map of strings."""
    assert load(text, SetLabels) == (SetLabels({"a": "b"}), [])


@pytest.mark.parametrize(
    ("text", "shape", "results"),
    [
        (
            OWN + "spec: {replicas: -1, replica: 2, mode: front, probe: {periodSeconds: 0}}\n",
            SetReplicas,
            [
                ("spec.replicas", "found -1, expected an integer of at least 0"),
                ("spec.replica", 'unknown field "replica" (did you mean "replicas"?)'),
                ("spec.mode", 'found the string "front", expected one of prepend, append'),
                ("spec.probe.periodSeconds", "found 0, expected an integer of at least 1"),
                ("spec.probe.path", "missing; expected a string"),
            ],
        ),
        (MAP + "data: {replicas: x}\n", SetReplicas, [("data.replicas", 'found the string "x", expected an integer')]),
        (MAP + "data: {}\n", SetReplicas, [("data.replicas", "missing; expected an integer of at least 0: How many")]),
        (MAP, SetReplicas, [("data.replicas", "missing; expected an integer")]),
        (
            MAP + "data: {replicas: '1', in: '[a'}\n",
            SetReplicas,
            [("data.in", 'found the string "[a", expected a list')],
        ),
        (OWN, SetReplicas, [("spec.replicas", "missing")]),
        (
            OWN.replace("v1\n", "v2\n"),
            SetReplicas,
            [("apiVersion", "found fn.example.com/v2, expected fn.example.com/v1")],
        ),
        (FLAT, SetReplicas, [("kind", "found Labels, expected SetReplicas or ConfigMap")]),
        (OWN + "spec: {replicas: 13}\n", SetReplicas, [("spec", "found 13 replicas, expected a number that brings")]),
        (
            FLAT + "labels: {a: ''}\nlabel: {}\n",
            SetLabels,
            [("labels.a", "found an empty"), ("label", "unknown field")],
        ),
        (
            MAP + "data: {a: ''}\n",
            SetLabels,
            [("data.a", "found an empty string, expected a string that is not empty")],
        ),
        (
            None,
            SetReplicas,
            [
                (
                    "",
                    "no functionConfig, expected one of kind SetReplicas or a ConfigMap: replicas is",
                )
            ],
        ),
    ],
)
def test_every_fault_at_once(text: str | None, shape: type, results: list[tuple[str, str]]) -> None:
    """Each is a result with the field where the user wrote it, and nothing is loaded."""
    found, have = load(text, shape)
    assert found is None
    assert [path for path, _ in have] == [path for path, _ in results]
    for (_, message), (_, beginning) in zip(have, results, strict=True):
        assert message.startswith(beginning)


def test_without_a_config_the_defaults_hold() -> None:
    """A dataclass whose fields all have defaults needs no functionConfig."""

    @dataclass
    class Quiet:
        level: str = "low"

    assert load(None, Quiet) == (Quiet(), [])


def test_a_fault_of_the_authors_own() -> None:
    """`config.error` names the field where it stands, its value, and the file."""
    for text, path in ((OWN + "spec: {replicas: 3}\n", "spec"), (MAP + 'data: {replicas: "3"}\n', "data")):
        resources = ResourceList([], Resource(text, path="config.yaml", first_line=1))
        config.error(resources, "must be even", "replicas")
        result = resources.results[0].to_dict()
        assert result["field"]["path"] == f"{path}.replicas"
        assert str(result["field"]["currentValue"]) == "3"
        assert (result["file"]["path"], result["tags"]) == ("config.yaml", {"line": str(text.count("\n"))})
    resources = ResourceList([], Resource(FLAT + "labels: {}\n"))
    config.error(resources, "is empty", "labels")
    assert resources.results[0].field == "labels"


def test_the_schema_says_what_the_class_says() -> None:
    """Descriptions, bounds, defaults, names as Kubernetes writes them; valid JSON Schema for editors."""
    definition = Definition.of(SetReplicas)
    assert (definition.name, definition.kind, definition.api_version) == (
        "set-replicas",
        "SetReplicas",
        "fn.example.com/v1",
    )
    assert definition.image == "example.com/set-replicas:v1"
    assert definition.spec["description"] == "Set the number of replicas of Deployments"
    assert definition.newest["usage"] == "Comments stay."
    properties = definition.fields["properties"]
    assert definition.fields["required"] == ["replicas"]
    assert list(properties) == [
        *(
            "replicas",
            "mode",
            "level",
            "in",
            "maxSurge",
            "share",
            "dryRun",
            "labels",
            "probe",
            "probes",
            "podIP",
            "anything",
        ),
    ]
    assert properties["replicas"] == {"type": "integer", "description": "How many replicas", "minimum": 0}
    assert properties["mode"] == {"type": "string", "enum": ["prepend", "append"], "default": "prepend"}
    assert properties["probe"]["nullable"]
    assert properties["probes"]["items"]["properties"]["periodSeconds"]["default"] == 10
    assert properties["maxSurge"] == {"x-kubernetes-int-or-string": True, "default": 1}
    validator = jsonschema_rs.Draft202012Validator(definition.json_schema())
    own = {"apiVersion": "fn.example.com/v1", "kind": "SetReplicas", "metadata": {"name": "x"}}
    assert validator.is_valid({**own, "spec": {"replicas": 1, "maxSurge": "1"}})
    assert not validator.is_valid({**own, "spec": {"replica": 1}})
    assert Definition(typed_config.definition(SetLabels, "set-labels")).fields["properties"].keys() == {"labels"}


@dataclass
class _Set:
    x: set[str]


@dataclass
class _Choice:
    x: int | bool


@dataclass
class _Mixed:
    x: Literal[1, "a"]


@dataclass
class _Deep:
    x: list[_Set]


class _Plain:
    pass


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        (_Set, "_Set.x: found the type set, expected str, int"),
        (_Choice, "_Choice.x: found a choice of 2 types"),
        (_Mixed, "_Mixed.x: found the values [1, 'a'], expected values of one type"),
        (_Deep, "_Deep.x: _Set.x: found the type set"),
        (_Plain, "_Plain is not a dataclass"),
    ],
)
def test_a_type_that_no_schema_expresses(shape: type, message: str) -> None:
    """It is the author's mistake, and named."""
    with pytest.raises(TypeError) as caught:
        typed_config.schema(shape)
    assert str(caught.value).startswith(message)


# A function that is a class

DEPLOYMENT = "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  replicas: 1 # few\n"


def test_a_class_is_a_function() -> None:
    """Its instance is the configuration, and is called with the resources."""
    output, errors, status = execute(SetReplicas, DEPLOYMENT.encode(), Resource(MAP + 'data: {replicas: "3"}\n'))
    assert (output.decode(), errors, status) == (DEPLOYMENT.replace("1 #", "3 #"), "", 0)
    output, errors, status = execute(SetReplicas, DEPLOYMENT.encode())
    assert (output.decode(), status) == (DEPLOYMENT, 1)
    assert errors.startswith("[error] no functionConfig, expected one of kind SetReplicas or a ConfigMap: replicas is")


def test_a_class_without_a_config() -> None:
    """A class that is not a dataclass has no configuration."""

    class Touch:
        def __call__(self, resources: ResourceList) -> None:
            resources.items[0].set("spec.replicas", 2)

    assert execute(Touch, DEPLOYMENT.encode())[0].decode() == DEPLOYMENT.replace("1 #", "2 #")
    assert execute(Touch(), DEPLOYMENT.encode())[0].decode() == DEPLOYMENT.replace("1 #", "2 #")
    assert (name_of(Touch), name_of(Touch())) == ("touch", "touch")


def test_a_class_documents_itself() -> None:
    """Its help has the table of its fields."""
    text = help_text(SetReplicas)
    assert text.startswith("set-replicas: Set the number of replicas of Deployments.")
    assert "| `replicas` | integer from 0 | required | How many replicas |" in text


PROGRAM = '''
from dataclasses import dataclass
from krm_functions_sdk import ResourceList, run

@dataclass
class SetReplicas:
    """Set replicas."""

    replicas: int

    def __call__(self, resources: ResourceList) -> None:
        for deployment in resources.where("Deployment"):
            deployment.set("spec.replicas", self.replicas)

if __name__ == "__main__":
    run(SetReplicas)
'''


def test_a_class_as_an_executable(tmp_path: Path) -> None:
    """It runs, documents itself, has golden cases, and krmfn finds it by its folder."""
    folder = tmp_path / "set-replicas"
    case = folder / "examples" / "three"
    case.mkdir(parents=True)
    script = folder / "set_replicas.py"
    script.write_text(PROGRAM)
    (case / "input.yaml").write_text(
        "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nfunctionConfig:\n  apiVersion: v1\n"
        "  kind: ConfigMap\n"
        "  metadata:\n    name: x\n  data:\n    replicas: '3'\nitems:\n- apiVersion: apps/v1\n  kind: Deployment\n"
        "  metadata:\n    name: web\n"
    )
    (case / "expected.yaml").write_text((case / "input.yaml").read_text() + "  spec:\n    replicas: 3\n")

    def call(*command: str, stdin: str = "") -> str:
        done = subprocess.run([sys.executable, *command], input=stdin, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    start = "import sys; from krm_functions_sdk.krmfn import main; sys.exit(main())"
    assert "replicas: 3 # few" in call(str(script), "replicas=3", stdin=DEPLOYMENT)
    document = json.loads(call(str(script), "--doc"))
    assert (document["name"], document["kind"]) == ("set-replicas", "SetReplicas")
    assert document["schema"]["properties"]["spec"]["required"] == ["replicas"]
    exported = tree.value(parser.parse(call(str(script), "--definition")))
    assert exported == typed_config.definition(SetReplicas, "set-replicas") | {"spec": exported["spec"]}
    assert exported["spec"]["versions"][0]["schema"]["openAPIV3Schema"] == document["schema"]
    assert call("-c", start, "test", str(folder)) == "1 passed, 0 failed\n"
    assert "| `replicas` | integer | required |" in call("-c", start, "doc", str(folder))


def test_only_who_uses_dataclasses_pays() -> None:
    """A function of another style does not import dataclasses."""
    code = (
        "import sys; from krm_functions_sdk import ResourceList, Resource, Schema, config\n"
        "schema = Schema({'properties': {'spec': {'properties': {'a': {'type': 'string'}}}}})\n"
        "text = 'apiVersion: v1\\nkind: ConfigMap\\ndata: {a: b}\\n'\n"
        "assert config.read(ResourceList([], Resource(text)), schema, 'A')['a'] == 'b'\n"
        "assert 'dataclasses' not in sys.modules"
    )
    sdk = str(Path(krm_functions_sdk.__file__).parent.parent)
    subprocess.run([sys.executable, "-I", "-c", f"import sys; sys.path.insert(0, {sdk!r})\n{code}"], check=True)


@dataclass
class NameData:
    """What the data of a ConfigMap says: one of two fields, where the kind has a mode and a text."""

    prepend: str = ""
    append: str = ""


@dataclass
class EnsureText:
    """Ensure that a text is in names."""

    KIND = ("EnsureText", "EnsureNameSubstring")
    IS_FLAT = True

    text: str
    mode: Mode = Mode.PREPEND

    @classmethod
    def of_config_map(cls, data: NameData) -> EnsureText:
        """Return the same as the kind would say it. Raises ValueError."""
        if bool(data.prepend) == bool(data.append):
            raise ValueError("expected either prepend or append")
        return cls(data.prepend or data.append, Mode.PREPEND if data.prepend else Mode.APPEND)


@dataclass
class AnySetters:
    """Data with any keys."""

    setters: list[tuple[str, ...]]

    @classmethod
    def of_config_map(cls, data: dict[str, str]) -> AnySetters:
        """Return the data in order."""
        return cls(sorted(data.items()))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("kind: EnsureText\ntext: a\nmode: append\n", EnsureText("a", Mode.APPEND)),
        ("kind: EnsureNameSubstring\ntext: a\n", EnsureText("a")),
        ("apiVersion: v1\nkind: ConfigMap\ndata: {append: b}\n", EnsureText("b", Mode.APPEND)),
        ("apiVersion: v1\nkind: ConfigMap\ndata: {append: a, prepend: b}\n", "data: expected either prepend or append"),
        ("apiVersion: v1\nkind: ConfigMap\n", "data: expected either prepend or append"),
        ("apiVersion: v1\nkind: ConfigMap\ndata: {text: a}\n", 'data.text: unknown field "text"'),
        ("kind: Other\ntext: a\n", "kind: found Other, expected EnsureText, EnsureNameSubstring or ConfigMap"),
        ("apiVersion: v2\nkind: EnsureNameSubstring\n", "apiVersion: found v2, expected fn.kpt.dev/v1alpha1"),
    ],
)
def test_several_kinds_and_a_config_map_of_its_own_shape(text: str, expected: object) -> None:
    """One class takes several kinds, and data that says the same in other words; mistakes name the field."""
    if not text.startswith("apiVersion"):
        text = f"apiVersion: fn.kpt.dev/v1alpha1\n{text}"
    resources = ResourceList(None, Resource(text))
    found = config.load(resources, EnsureText)
    if isinstance(expected, str):
        assert expected in str(resources.results[0])
        assert found is None
    else:
        assert (found, resources.results) == (expected, [])
    assert typed_config.definition(EnsureText, "x")["spec"]["names"] == {"kind": "EnsureText"}


def test_data_of_any_keys() -> None:
    """It is handed over as strings, and what is no string is a mistake."""
    head = "apiVersion: v1\nkind: ConfigMap\ndata:\n"
    resources = ResourceList(None, Resource(f'{head}  b: "1"\n  a: |\n    - x\n'))
    assert config.load(resources, AnySetters) == AnySetters([("a", "- x\n"), ("b", "1")])
    resources = ResourceList(None, Resource(f"{head}  b: 1\n"))
    assert config.load(resources, AnySetters) is None
    assert "data.b: found 1, expected a string" in str(resources.results[0])


def test_a_shape_of_data_that_is_none() -> None:
    """It is the author's mistake, and named."""
    wrong = type("Wrong", (AnySetters,), {"of_config_map": classmethod(lambda cls, data: cls([data]))})
    resources = ResourceList(None, Resource("apiVersion: v1\nkind: ConfigMap\ndata: {}\n"))
    with pytest.raises(TypeError, match=r"Wrong\.of_config_map: expected one parameter"):
        config.load(resources, wrong)
