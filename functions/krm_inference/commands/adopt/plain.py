"""Objects as functions can act on them: the server's container by its name, and its flags one an item.

What a script says beside the server's own command cannot stay, and is said.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from krm_functions_sdk import Resource
from krm_functions_sdk.document import field_path

from krm_inference.commands.adopt import server_facts
from krm_inference.commands.adopt.facts import Draft
from krm_inference.manifests.servers import Server

CONTAINER = "vllm"


class Theirs(NamedTuple):
    """One object that people have: as it was, as functions can act on it, and lines of what that took."""

    resource: Resource
    plain: Resource
    notes: list[str]


def plain(resources: list[Resource], drafts: list[Draft]) -> tuple[list[Theirs], list[str]]:
    """Return the objects, and lines of what cannot be read as flags."""
    by_owner = {id(draft.server.pod.object.resource): draft.server for draft in drafts}
    found, faults = [], []
    for resource in resources:
        copy, notes = resource.copy(), []
        server = by_owner.get(id(resource))
        if server is not None:
            if _is_read(server):
                notes = [*_plain(copy, server), *_unnamed(server)]
            else:
                faults.append(
                    f"[error] {server.pod.object.place}: a flag of {_path(server)} holds a variable of its shell; "
                    "write its value"
                )
        found.append(Theirs(resource, copy, notes))
    return found, faults


def _unnamed(server: Server) -> Iterator[str]:
    """Yield what is to be done about adapters that nothing here names."""
    claim, names = server_facts.unnamed(server)
    for name in names:
        yield f"{name} stands for an adapter of the claim {claim}, whose folders no manifest names: write its name"


def _is_read(server: Server) -> bool:
    return not _is_unfolded(server) or all(argument.is_known for argument in server.arguments)


def _is_unfolded(server: Server) -> bool:
    """Say whether flags stand where functions do not look for them: in a script, or behind the command."""
    return server.shell is not None or any("command" in argument.field.path for argument in server.arguments)


def _path(server: Server) -> str:
    return field_path.show(server.container.field.path)


def _plain(copy: Resource, server: Server) -> list[str]:
    notes, path = [], _path(server)
    if _is_unfolded(server):
        args = []
        for argument in server.arguments:
            value = "" if argument.value is None else argument.value
            args.append(f"{argument.name}={value}" if argument.name and value else argument.name or value)
        copy.set(f"{path}.command", ["vllm", "serve"])
        copy.set(f"{path}.args", args)
        if server.shell is not None:
            besides = _besides(server)
            told = f"; what it says besides is left out: {besides}" if besides else ""
            notes.append(f"its script becomes the command vllm serve with the flags of the script{told}")
    if server.container.name != CONTAINER:
        *above, _ = server.container.field.path
        names = [each.get("name") for each in copy.get(field_path.show(tuple(above)))]
        position = names.index(server.container.name or None)
        copy.set(f"{field_path.show(tuple(above))}[{position}].name", CONTAINER)
        notes.append(f"its container {server.container.name or 'without a name'} becomes {CONTAINER}")
    return notes


def _besides(server: Server) -> str:
    """Return the words of a script that are not the server's command and its flags."""
    words: list[str] = []
    for command in server.container.commands:
        texts = [word.text for word in command.words]
        own = next((at for at, text in enumerate(texts) if "vllm" in text.rpartition("/")[2]), len(texts))
        before = texts[:own]
        if own < len(texts):
            before = [text for text in before if "=" in text]
        words += before
    return " ".join(" ".join(words).replace("\0", "…").split())
