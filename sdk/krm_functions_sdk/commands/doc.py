"""krmfn doc."""

from __future__ import annotations

from krm_functions_sdk import doc, registry
from krm_functions_sdk.command_line import Misuse
from krm_functions_sdk.commands import options
from krm_functions_sdk.node import YamlFault

TYPE_CHECKING = False
if TYPE_CHECKING:
    from krm_functions_sdk.definition import Definition

USAGE = """\
usage: krmfn doc [--schema] FUNCTION

Describes a function as Markdown. A FUNCTION is the name of an installed one, or a folder with its definition.yaml.

  --schema  write the JSON Schema of its functionConfig instead"""
OPTIONS = {"--schema": ""}


def main(arguments: list[str]) -> int:
    """Write the page or the schema. Raises Misuse."""
    given = options.parse(arguments, OPTIONS)
    if len(given.operands) != 1:
        raise Misuse("doc takes one FUNCTION: a name, or a folder with a definition.yaml")
    name = given.operands[0]
    definition = _definition(name)
    if "--schema" in given:
        if not definition.openapi:
            raise Misuse(f"{name}: its definition.yaml has no schema")
        print(doc.to_json(definition.json_schema()))
    else:
        print(doc.page(definition), end="")
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
