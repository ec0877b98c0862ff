"""krmfn graph: draw a set of manifests, from the Gateway to the Pods, with what validate-inference finds on it.

May import: the SDK, `manifests/`, validate-inference for what it finds, and `command.py`.
"""

from __future__ import annotations

USAGE = """\
usage: krmfn graph [--output mermaid|svg] [key=value... | --config FILE] [PATH...]

Draw Gateway, routes, pools, pickers, Pods, adapters, monitors, policies and secrets, and mark on them what
validate-inference finds. Each PATH is a folder or file of manifests; without one, they come from standard input.
key=value and --config configure validate-inference.

  --output FORMAT, -o  mermaid, which GitHub and GitLab draw inside Markdown (the default), or svg"""
FORMATS = ("mermaid", "svg")


def main(arguments: list[str]) -> int:
    """Be the command and return its exit status: 1 where the manifests cannot be read, 2 for misuse."""
    from krm_inference.commands.command import serve

    return serve("graph", USAGE, FORMATS, arguments, draw)


def draw(arguments: list[str], output: str) -> tuple[str, list[str]]:
    """Return the picture of the manifests that the arguments name, or the lines that say why they cannot be read.

    Raises Misuse.
    """
    from krm_inference.commands.graph import mermaid, svg, topology
    from krm_inference.commands.graph.manifests import read

    resources, faults = read(arguments)
    if faults:
        return "", faults
    picture = topology.of(resources)
    return (svg.draw(picture) if output == "svg" else mermaid.draw(picture)), []
