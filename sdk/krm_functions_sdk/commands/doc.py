"""krmfn doc."""

from __future__ import annotations

from krm_functions_sdk.commands import options
from krm_functions_sdk.document import emitter
from krm_functions_sdk.document.tree import YamlFault
from krm_functions_sdk.function import manual, registry
from krm_functions_sdk.function.command_line import Misuse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from krm_functions_sdk.function.definition import Definition

USAGE = """\
usage: krmfn doc [--definition | --schema] FUNCTION

Describes a function as Markdown. A FUNCTION is the name of an installed one, or a folder with its definition.yaml.

  --definition  write its KRMFunctionDefinition instead: that of its definition.yaml, or what its dataclass says
  --schema      write the JSON Schema of its functionConfig instead, for editors"""
OPTIONS = {"--definition": "", "--schema": ""}


def main(arguments: list[str]) -> int:
    """Write the page, the definition or the schema. Raises Misuse."""
    given = options.parse(arguments, OPTIONS)
    if len(given.operands) != 1:
        raise Misuse("doc takes one FUNCTION: a name, or a folder with a definition.yaml")
    if {"--definition", "--schema"} <= {*given.values}:
        raise Misuse("doc takes one of --definition and --schema")
    name = given.operands[0]
    definition = _definition(name)
    if "--schema" in given:
        if not definition.openapi:
            raise Misuse(f"{name}: its definition.yaml has no schema")
        print(manual.to_json(definition.json_schema()))
    elif "--definition" in given:
        print(emitter.document(definition.value), end="")
    else:
        print(manual.page(definition), end="")
    return 0


def _definition(name: str) -> Definition:
    try:
        return registry.definition(name)
    except LookupError as error:
        raise Misuse(str(error)) from None
    except YamlFault as fault:
        message = f"{name}: definition.yaml cannot be read as YAML: line {fault.line + 1}: {fault.message}"
        raise Misuse(message) from None
    except (OSError, UnicodeError) as error:
        raise Misuse(f"{name}: definition.yaml cannot be read: {error}") from None
