#!/usr/bin/env python3
"""Print as JSON what an unpacked vLLM takes: flags of its own `vllm serve` parser, variables, and names of metrics.

usage: functions/vllm_parser.py FOLDER [LINES]

The parser is run, as `vllm serve --help` would run it. What it decides, it decides without a GPU and without torch:
LIGHT has to be installed, and every other module that vLLM imports is stood in for by one whose names do nothing.
Variables are the keys of `vllm.envs` and what any module asks the environment for. Metrics are the names of
this form in any module; Prometheus shows counters with `_total` behind it.
With LINES, a file with a JSON list of lists of arguments, it prints what the parser says of each instead: "" where it
takes them.
"""

# mypy: disable-error-code="no-untyped-def,no-untyped-call,misc,type-arg,import-not-found,attr-defined,unused-ignore"
from __future__ import annotations

import ast
import contextlib
import importlib
import importlib.abc
import importlib.machinery
import importlib.metadata
import io
import json
import re
import sys
import types
import typing
from collections.abc import Iterator, MutableSequence
from pathlib import Path
from typing import Any

# What has to be real for the parsers of all versions to be built; pip takes each in its newest version.
LIGHT = (
    *("cachetools", "cloudpickle", "email-validator", "fastapi", "filelock", "msgspec", "numpy", "openai", "packaging"),
    *("prometheus_client", "psutil", "pydantic", "python-multipart", "pyyaml", "regex", "requests", "tqdm"),
    "typing_extensions",
)
# Found where there is none of them, each would make vLLM choose another platform.
_PLATFORMS = (
    *("amdsmi", "habana_frameworks", "intel_extension_for_pytorch", "libneuronxla", "libtpu", "neuronxcc", "nki"),
    *("oneccl_bindings_for_pytorch", "ray", "torch_neuronx", "torch_npu", "torch_xla", "tpu_info"),
    *("transformers_neuronx", "modelscope", "vllm_plugins"),
)
_VARIABLE = re.compile(r"VLLM_[A-Z0-9_]+")
_METRIC = re.compile(r"vllm:[a-z][a-z0-9_]*")


class Standin(type(typing.Protocol)):  # so that a class with any other base may derive from one
    """A name of a module that is not there: it can be called, subscripted, compared and derived from."""

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        made = _standin(f"{cls.__name__}.{name}")
        setattr(cls, name, made)
        return made

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        if "is_standin" not in cls.__dict__:
            return super().__call__(*args, **kwargs)
        # As a decorator it leaves what it decorates.
        if len(args) == 1 and not kwargs and isinstance(args[0], (types.FunctionType, type)):
            return args[0]
        return cls

    def _itself(cls, *_: Any) -> Any:
        return cls

    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __rtruediv__ = _itself
    __floordiv__ = __mod__ = __pow__ = __and__ = __rand__ = __getitem__ = __neg__ = __invert__ = __enter__ = _itself

    def __or__(cls, _: Any) -> Any:
        return Any

    __ror__ = __or__

    def _no(cls, *_: Any) -> bool:
        return False

    __lt__ = __gt__ = __contains__ = __exit__ = __instancecheck__ = __subclasscheck__ = _no

    def _yes(cls, *_: Any) -> bool:
        return True

    __le__ = __ge__ = _yes

    def _zero(cls) -> int:
        return 0

    __len__ = __int__ = __index__ = _zero

    def __iter__(cls) -> Iterator[Any]:
        return iter(())

    def __bool__(cls) -> bool:
        return True

    def __str__(cls) -> str:
        return "0"

    def __hash__(cls) -> int:
        return id(cls)

    def __eq__(cls, other: object) -> bool:
        return cls is other

    def __setitem__(cls, *_: Any) -> None:
        pass

    def register(cls, *_: Any, **__: Any) -> Any:
        return cls

    def __get_pydantic_core_schema__(cls, *_: Any) -> Any:
        return importlib.import_module("pydantic_core").core_schema.any_schema()


def _standin(name: str) -> Any:
    return Standin(name.rpartition(".")[2], (), {"is_standin": True, "__module__": name.rpartition(".")[0]})


class Module(types.ModuleType):
    """A module that is not there."""

    __version__ = "99.0.0"
    __file__ = ""
    __path__: MutableSequence[str] = []  # noqa: RUF012 - the protocol of modules

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        made = _standin(f"{self.__name__}.{name}")
        setattr(self, name, made)
        return made


class Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Stand in for each module that is not there: all of torch and its like, and vLLM's compiled ones."""

    def find_spec(self, fullname: str, *_: Any) -> importlib.machinery.ModuleSpec | None:
        """Return how to make the module, None where it has to be missing."""
        top, last = fullname.partition(".")[0], fullname.rpartition(".")[2]
        if top in sys.stdlib_module_names or top in _PLATFORMS:
            return None
        if top == "vllm":
            compiled = (last.startswith("_") and last != "_version") or fullname.startswith("vllm.vllm_flash_attn")
            return importlib.machinery.ModuleSpec(fullname, self, is_package=True) if compiled else None
        if importlib.machinery.PathFinder.find_spec(top):
            return None
        return importlib.machinery.ModuleSpec(fullname, self, is_package=True)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType:
        """Return the module."""
        return Module(spec.name)

    def exec_module(self, module: types.ModuleType) -> None:
        """Do nothing: its names are made when they are asked for."""


def _pretend(folder: Path) -> None:
    """Make vLLM importable, on a CPU."""
    sys.path.insert(0, str(folder))
    sys.argv = ["vllm"]
    sys.meta_path.append(Finder())
    sys.modules["vllm.ir.ops"] = Module("vllm.ir.ops")  # it counts the results of operators
    known = importlib.metadata.version

    def version(distribution_name: str) -> str:
        try:
            return known(distribution_name)
        except importlib.metadata.PackageNotFoundError:
            return Module.__version__

    importlib.metadata.version = version
    torch = importlib.import_module("torch")
    setattr(torch, "iinfo", lambda _: types.SimpleNamespace(min=-(2**63), max=2**63 - 1))  # noqa: B010 - a module
    setattr(torch, "version", types.SimpleNamespace(cuda=None, hip=None, xpu=None))  # noqa: B010
    importlib.import_module("vllm")
    platforms = importlib.import_module("vllm.platforms")
    cpu = importlib.import_module("vllm.platforms.cpu").CpuPlatform()
    setattr(platforms, "_current_platform", cpu)  # noqa: B010
    setattr(platforms, "current_platform", cpu)  # noqa: B010


def _parsers() -> tuple[Any, Any]:
    """Return the parser of `vllm`, and that of `vllm serve` below it."""
    module = importlib.import_module("vllm.utils")
    if not hasattr(module, "FlexibleArgumentParser"):
        module = importlib.import_module("vllm.utils.argparse_utils")
    root = module.FlexibleArgumentParser(prog="vllm")
    serve = importlib.import_module("vllm.entrypoints.cli.serve")
    return root, serve.ServeSubcommand().subparser_init(root.add_subparsers())


def refusals(lines: list[list[str]]) -> list[str]:
    """Return what the parser of `vllm serve` says of each list of arguments, "" of one that it takes."""
    root, _ = _parsers()
    return [_refusal(root, line) for line in lines]


def _refusal(root: Any, line: list[str]) -> str:
    said = io.StringIO()
    try:
        with contextlib.redirect_stderr(said):
            root.parse_args(["serve", *line])
    except (Exception, SystemExit) as fault:  # noqa: BLE001  # whatever it raises, it does not take them
        return said.getvalue().strip() or repr(fault)
    return ""


def flags() -> dict[str, dict[str, Any]]:
    """Return the flags of `vllm serve`, each with its default and choices as text, without what argparse adds."""
    _, parser = _parsers()
    found: dict[str, dict[str, Any]] = {}
    for action in parser._actions:  # noqa: SLF001 - argparse shows them nowhere else
        if action.dest == "help":
            continue
        for name in _own(action.option_strings):
            choices = [str(choice) for choice in action.choices] if action.choices else []
            found[name] = {"default": _text(action.default), **({"choices": choices} if choices else {})}
    return found


def _own(names: typing.Sequence[str]) -> list[str]:
    """Return the names that vLLM gave an option, without the opposites that go with a switch."""
    made = {f"--no-{name[2:]}" for name in names}
    made |= {name.replace("--enable-", "--disable-") for name in names[:1] if name.startswith("--enable-")}
    made |= {name.replace("--disable-", "--enable-") for name in names[:1] if name.startswith("--disable-")}
    return [name for name in names if name.startswith("-") and name not in made]


def _text(value: Any) -> str:
    """Return a default as text; "" for what is no plain value, or follows from what is installed."""
    return json.dumps(value) if isinstance(value, (bool, int, float, str)) or value is None else ""


def variables(folder: Path) -> list[str]:
    """Return the variables that vLLM declares, and those that it asks for without declaring them."""
    envs = importlib.import_module("vllm.envs")
    found = {name for name in envs.environment_variables if _VARIABLE.fullmatch(name)}
    for tree in _trees(folder, "VLLM_"):
        found |= {name for node in ast.walk(tree) for name in _asked(node) if _VARIABLE.fullmatch(name)}
    return sorted(found)


def metrics(folder: Path) -> list[str]:
    """Return the names of the metrics in any module, without what Prometheus adds."""
    nodes = [node for tree in _trees(folder, "vllm:") for node in ast.walk(tree) if isinstance(node, ast.expr)]
    return sorted({name for name in _texts(nodes) if _METRIC.fullmatch(name)})


def _trees(folder: Path, text: str) -> Iterator[ast.AST]:
    for file in sorted((folder / "vllm").rglob("*.py")):
        source = file.read_text(encoding="utf-8", errors="replace")
        if text in source:
            yield ast.parse(source)


def _asked(node: ast.AST) -> Iterator[str]:
    """Yield the names that an expression asks the environment for."""
    if isinstance(node, ast.Call) and ast.unparse(node.func) in ("os.getenv", "os.environ.get", "environ.get"):
        yield from _texts(node.args[:1])
    elif isinstance(node, ast.Subscript) and ast.unparse(node.value) in ("os.environ", "environ"):
        yield from _texts([node.slice])
    elif isinstance(node, ast.Compare) and ast.unparse(node.comparators[0]) in ("os.environ", "environ"):
        yield from _texts([node.left])


def _texts(nodes: list[ast.expr]) -> Iterator[str]:
    yield from (node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str))


def main(arguments: list[str]) -> int:
    """Print what the vLLM in a folder takes; return the exit status."""
    if len(arguments) not in (1, 2):
        print(__doc__, file=sys.stderr)
        return 2
    folder = Path(arguments[0]).resolve()
    _pretend(folder)
    if len(arguments) > 1:
        print("\n" + json.dumps(refusals(json.loads(Path(arguments[1]).read_text(encoding="utf-8")))))
        return 0
    found = {"flags": flags(), "variables": variables(folder), "metrics": metrics(folder)}
    print("\n" + json.dumps(found))  # a line of its own, below what vLLM logs
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
