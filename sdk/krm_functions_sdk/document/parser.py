"""Text into a tree: by `block_reader` where that is proved, and else by the YAML parser, event by event.

This is the only module that calls the YAML parser (PyYAML's binding of libyaml), and it imports it when it needs it.
"""

from __future__ import annotations

from krm_functions_sdk.document import block_reader
from krm_functions_sdk.document.tree import LIST, MAP, Node, YamlFault

_BOM = "\ufeff"


def parse(text: str) -> Node:
    """Return the root of the one document in `text`. Raises YamlFault."""
    return block_reader.read(text) or parse_events(text)


def parse_events(text: str) -> Node:
    """Return what `parse` does, by the events of the YAML parser, for any text. Raises YamlFault."""
    import yaml

    from krm_functions_sdk.document.events import Reader, fault_of

    reader = Reader(text.removeprefix(_BOM))
    try:
        next_event = yaml.CSafeLoader(reader.text).get_event
        while reader.take(next_event()):
            pass
    except yaml.MarkedYAMLError as error:
        raise fault_of(error, reader.text) from None
    except yaml.reader.ReaderError as error:
        line = reader.text.encode()[: error.position].count(b"\n")
        raise YamlFault(f"the character {error.character:#04x} is not allowed in YAML", line) from None
    except yaml.YAMLError as error:
        raise YamlFault(str(error).splitlines()[0], 0) from None
    except UnicodeEncodeError as error:
        line = reader.text.count("\n", 0, error.start)
        raise YamlFault("half of a surrogate pair is no character", line) from None
    if reader.root is None:
        raise YamlFault("the document is empty", 0)
    if len(reader.text) < len(text):
        _shift(reader.root)
    return reader.root


def _shift(root: Node) -> None:
    """Move the positions of a tree behind the byte order mark, which the parser does not count."""
    todo = [root]
    while todo:
        node = todo.pop()
        node.start += 1
        node.end += 1
        if node.kind == MAP:
            todo += [part for pair in node.value for part in pair]
        elif node.kind == LIST:
            todo += node.value
