"""What the Go sources of an endpoint picker say of its flags, metrics, configuration and plugins.

The sources are read, not run: a flag, a metric or a parameter stands there as one call or one struct. What cannot be
told that way is left out rather than guessed. tests/judge compares the flags with those that real pickers print.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

# What controller-runtime's zap adds to every picker (sigs.k8s.io/controller-runtime pkg/log/zap, BindFlags).
ZAP = {"zap-devel": "true", "zap-encoder": "", "zap-log-level": "", "zap-stacktrace-level": "", "zap-time-encoding": ""}
# What controller-runtime's configuration adds where a picker parses Go's own flags (pkg/client/config).
KUBECONFIG = {"kubeconfig": ""}
_GO_FLAGS = re.compile(r"^\tflag\.Parse\(\)", re.MULTILINE)
_FLAG = re.compile(r'\b(?:flag|fs)\.(\w+?)(?:Var)?P?\(\s*(?:&[\w.]+,\s*)?"([\w-]+)",\s*(?:"\w",\s*)?([^,\n]+),')
_CONSTANT = re.compile(r"^\s*(?:const |var )?(\w+)\s*(?:\w[\w.]*\s*)?=\s*(.+?)\s*(?://.*)?$", re.MULTILINE)
_ZERO = {"Bool": "false", "Int": "0", "Duration": "0s", "String": "", "IntSlice": "", "StringSlice": ""}
_WRAPPED = (
    r"^(?:ptr\.To|time\.Duration|float64|int|int64)\((.*)\)$",
    r"^&?metav1\.Duration\{Duration: (.*)\}$",
)
_UNITS = {"Millisecond": "ms", "Microsecond": "us", "Second": "s", "Minute": "m", "Hour": "h"}
_METRIC = re.compile(r"\.(Counter|Gauge|Histogram|Summary)Opts\{(.*?)Help:", re.DOTALL)
_DESCRIBED = re.compile(r'\bNewDesc\(\s*(?:prometheus\.BuildFQName\(\s*([^,]*),\s*([^,]*),\s*([^)]*)\)|"(\w+)"),')
_STRUCT = re.compile(r"^type (\w+) struct \{\n(.*?)^\}", re.MULTILINE | re.DOTALL)
_FIELD = re.compile(r'^\t(\w+)\s+(\S+)\s+`json:"([\w-]*)(?:,(\w*))?"`', re.MULTILINE)
_DECODED = re.compile(r"(?:\.Decode\(|json\.Unmarshal\([\w.]*[Pp]aram\w*, )&?(\w+)\)")


class Source(NamedTuple):
    """The Go files below some folders of one release, by path, tests left out."""

    files: dict[str, str]

    @classmethod
    def of(cls, root: Path, *folders: str) -> Source:
        """Read the Go files below `folders` of a checkout."""
        found = sorted(file for folder in folders for file in (root / folder).rglob("*.go"))
        return cls(
            {
                str(file.relative_to(root)): file.read_text(encoding="utf-8")
                for file in found
                if not file.name.endswith(("_test.go", ".pb.go")) and not file.name.startswith("zz_")
            }
        )

    def below(self, folder: str) -> Source:
        """Return the files of one folder alone, without those of folders in it."""
        return Source({path: text for path, text in self.files.items() if str(Path(path).parent) == folder})

    def _folder(self, package: str, near: str) -> str:
        """Return the folder that a file calls `package`, or its own."""
        for alias, path in re.findall(r'^\s*(?:import )?(\w*) ?"([\w./-]+)"$', self.files.get(near, ""), re.MULTILINE):
            if package and package in (alias, path.rpartition("/")[2]):
                return next((at for file in self.files if path.endswith(at := str(Path(file).parent))), "")
        return str(Path(near).parent)

    def named(self, kind: str) -> str:
        """Return the type that a name stands for, as far as that is a scalar."""
        for text in self.files.values():
            if found := re.search(rf"^type {re.escape(kind)} (string|bool|int|float64)$", text, re.MULTILINE):
                return found[1]
        return kind

    def value(self, text: str, near: str = "") -> str | None:
        """Return what an expression stands for: a literal, a duration, or a constant; None where that is not told."""
        text = text.strip().rstrip(",")
        for wrapped in (
            r"^(?:ptr\.To|time\.Duration|float64|int|int64)\((.*)\)$",
            r"^&?metav1\.Duration\{Duration: (.*)\}$",
        ):
            text = re.sub(wrapped, r"\1", text)
        if re.fullmatch(r'"[^"]*"', text):
            return text[1:-1]
        if re.fullmatch(r"-?[\d._]+|true|false", text):
            return text.replace("_", "")
        if duration := re.fullmatch(r"(?:(\d+) \* )?time\.(\w+)(?: \* (\d+))?", text):
            return f"{duration[1] or duration[3] or 1}{_UNITS[duration[2]]}" if duration[2] in _UNITS else None
        if re.fullmatch(r"\[\]\w+\{\}", text):
            return ""
        if not re.fullmatch(r"[\w.]+", text):
            return None
        package, _, name = text.rpartition(".")
        home = self._folder(package, near)
        order = sorted(self.files, key=lambda path: str(Path(path).parent) != home)
        for path in order:
            for found in _CONSTANT.finditer(self.files[path]):
                if found[1] == name and found[2] != text:
                    return self.value(found[2], path)
        return None


def flags(source: Source) -> dict[str, str]:
    """Return the flags of a picker with their defaults, "" where there is none."""
    found = {**ZAP, **(KUBECONFIG if any(_GO_FLAGS.search(text) for text in source.files.values()) else {})}
    for path, text in source.files.items():
        defaults = dict(re.findall(r"^\t\t(\w+):\s+(.+),$", text, re.MULTILINE))
        for kind, name, default in _FLAG.findall(text):
            field = default.removeprefix("opts.")
            if field != default:
                written = defaults.get(field)
                value = source.value(written, path) if written else _ZERO.get(kind, "")
            else:
                value = source.value(default, path)
            found[name] = value if value is not None else ""
    return {f"--{name}": value for name, value in sorted(found.items())}


def metrics(source: Source) -> dict[str, str]:
    """Return the metrics of a picker with their types, as a scrape shows them."""
    found: dict[str, str] = {}
    for path, text in source.files.items():
        for kind, body in _METRIC.findall(text):
            parts = dict(re.findall(r"(Namespace|Subsystem|Name):\s*([^,\n]+),", body))
            values = [source.value(parts[key], path) for key in ("Namespace", "Subsystem", "Name") if key in parts]
            if all(values) and parts.get("Name"):
                found["_".join(value or "" for value in values)] = kind.lower()
        for *parts, whole in _DESCRIBED.findall(text):
            values = [whole] if whole else [source.value(part, path) for part in parts]
            if None not in values:
                found["_".join(value for value in values if value)] = "gauge"
    return dict(sorted(found.items()))


def configuration(source: Source) -> dict[str, str]:
    """Return the fields of the EndpointPickerConfig by path, with their types; `[]` is each item of a list."""
    structs = {name: body for text in source.files.values() for name, body in _STRUCT.findall(text)}

    def walk(struct: str, path: str) -> Iterator[tuple[str, str]]:
        for _, kind, name, _ in _FIELD.findall(structs[struct]):
            bare = kind.lstrip("*")
            here = f"{path}.{name}".lstrip(".")
            if not name:
                continue
            listed, bare = bare.startswith("[]"), bare.removeprefix("[]")
            if bare in structs:
                yield from walk(bare, here + ("[]" if listed else ""))
            else:
                yield here, "list" if listed or bare == "FeatureGates" else _type(bare)

    return dict(walk("EndpointPickerConfig", ""))


def parameters(source: Source) -> dict[str, dict[str, tuple[str, str]]]:
    """Return the parameters of plugins by their types: name with JSON type and default, "" where none is told."""
    found: dict[str, dict[str, tuple[str, str]]] = {}
    for folder in sorted({str(Path(path).parent) for path in source.files}):
        here = source.below(folder)
        structs = {name: body for text in here.files.values() for name, body in _STRUCT.findall(text)}
        for text in here.files.values():
            types = [value for value in map(here.value, _types(text)) if value]
            whole = "\n".join((text, *here.files.values()))
            decoded = {struct for name in _DECODED.findall(text) for struct in _struct_of(name, text, whole)}
            decoded &= structs.keys()
            if not types:
                types = [value for other in here.files.values() for value in map(here.value, _types(other)) if value]
            if len(set(types)) == 1 and len(decoded) == 1:
                (struct,) = decoded
                found[types[0]] = dict(_parameters(struct, structs, here, source))
    return found


def _types(text: str) -> list[str]:
    """Return the expressions that name the type of a plugin."""
    return re.findall(r'^\s*(?:const )?\w*Type\s*=\s*("[\w-]+")', text, re.MULTILINE)


def _struct_of(name: str, text: str, package: str) -> list[str]:
    """Return the structs that a decoded variable may be of; its default may stand elsewhere in the package."""
    return [
        *re.findall(rf"\b{name} :?= &?(\w+)\{{", text),
        *re.findall(rf"\bvar {name} \*?(\w+)", text),
        *(
            struct
            for default in re.findall(rf"\b{name} :?= (\w+)\n", text)
            for struct in re.findall(rf"\b{default}\s*= (\w+)\{{", package)
        ),
    ]


def _parameters(
    struct: str, structs: dict[str, str], here: Source, source: Source
) -> Iterator[tuple[str, tuple[str, str]]]:
    literals = [
        dict(re.findall(r"^\s*(\w+):\s+(.+),$", body, re.MULTILINE))
        for text in here.files.values()
        for body in re.findall(rf"\b{struct}\{{\n(.*?)\n\s*\}}", text, re.DOTALL)
    ]
    literals += [
        dict(re.findall(r"(\w+):\s*([^,{}]+)", body))
        for text in here.files.values()
        for body in re.findall(rf"\b{struct}\{{([^{{}}\n]+)\}}", text)
    ]
    assigned = {
        field: value
        for text in here.files.values()
        for field, value in re.findall(r"\b\w+\.(\w+) == nil \{\n\s*\w+\.\1 = (.+)\n", text)
    }
    given = max(literals, key=len, default={}) | assigned
    for field, kind, name, _ in _FIELD.findall(structs[struct]):
        if name and name != "-":
            default = here.value(given[field]) or source.value(given[field]) if field in given else None
            yield name, (_type(source.named(kind.lstrip("*"))), default or "")


def _type(kind: str) -> str:
    if kind.startswith("[]"):
        return "array"
    if kind.startswith("map["):
        return "object"
    bare = kind.rpartition(".")[2]
    table = {"string": "string", "bool": "boolean", "Duration": "string", "Quantity": "quantity", "RawMessage": "any"}
    if bare in table:
        return table[bare]
    return "integer" if bare.startswith(("int", "uint")) else "number" if bare.startswith("float") else "object"
