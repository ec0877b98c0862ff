"""What a function is: a callable over a ResourceList, or a class whose instance is one; its name, and its folder."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path
    from typing import Protocol, TypeAlias

    from krm_functions_sdk.resources.resource_list import ResourceList

    class Configured(Protocol):
        """A function that is a class: its instance is the configuration, and is called with the resources."""

        def __call__(self, resources: ResourceList, /) -> None: ...

    Function: TypeAlias = Callable[[ResourceList], None] | type[Configured]
else:
    Function = Callable


def name_of(function: Function) -> str:
    """Return the name of a function as users write it: `set-owner` for a function set_owner or a class SetOwner."""
    name = getattr(function, "__name__", type(function).__name__).replace("_", "-")
    return name if name.islower() else re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", name).lower()


def folder_of(function: Function) -> Path:
    """Return the folder of the module in which a function is defined; its definition.yaml and README.md are there."""
    from pathlib import Path

    return Path(str(sys.modules[function.__module__].__file__)).parent
