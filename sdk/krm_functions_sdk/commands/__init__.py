"""The commands of krmfn, a module each: its USAGE, and `main`, which takes the arguments and returns an exit status."""

from __future__ import annotations

BUILT_IN = {
    "render": "render packages in place with the installed functions",
    "eval": "run one function on packages, files or a stream",
    "source": "write the resources of packages and files as a ResourceList",
    "sink": "write a ResourceList as a new folder",
    "test": "run golden cases",
    "functions": "list the installed functions",
    "doc": "describe a function as Markdown, or its functionConfig as JSON Schema",
    "new": "write a new function, with schema, tests and Dockerfile",
}
