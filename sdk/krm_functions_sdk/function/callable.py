"""What a function is: a callable over a ResourceList, or a class whose instance is one; its name, and its folder."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path
    from typing import Protocol, TypeAlias, TypeVar

    from krm_functions_sdk.resources.resource_list import ResourceList

    class Configured(Protocol):
        """A function that is a class: its instance is the configuration, and is called with the resources."""

        def __call__(self, resources: ResourceList, /) -> None: ...

    Function: TypeAlias = Callable[[ResourceList], None] | type[Configured]
    _Any = TypeVar("_Any", bound=Function)
    _Marked = TypeVar("_Marked", bound=Callable[..., object])
else:
    Function = Callable


def name_of(function: Function) -> str:
    """Return the name of a function as users write it: `set-owner` for a function set_owner or a class SetOwner."""
    name = getattr(function, "__name__", type(function).__name__).replace("_", "-")
    return name if name.islower() else re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", name).lower()


def after_errors(function: _Any) -> _Any:
    """Let a function run in a render in which an earlier one has failed, so that one run tells what both find.

    It promises that what it leaves with errors of its own makes sense to the next one, and to find nothing because of
    what may be missing where `resources.is_incomplete`. Nothing is written in such a run.
    """
    function.runs_after_errors = True  # type: ignore[union-attr]  # functions and classes take any attribute
    return function


def runs_after_errors(function: Function) -> bool:
    """Say whether a function is marked by `after_errors`."""
    return getattr(function, "runs_after_errors", False) is True


def folder_of(function: Function) -> Path:
    """Return the folder of the module in which a function is defined; its definition.yaml and README.md are there."""
    from pathlib import Path

    return Path(str(sys.modules[function.__module__].__file__)).parent


def repeatable(function: _Marked) -> _Marked:
    """Let a render be remembered in which a function took part and nothing changed: the next one need not run it.

    It promises that what the function does and says follows from its resources, its functionConfig, the day, and the
    code and data of its own distribution: from no other file, no variable of the environment, no network, no time of
    day and no chance. The same mark is for functions of the group `krmfn_summary`.
    """
    function.is_repeatable = True  # type: ignore[attr-defined]  # functions and classes take any attribute
    return function


def is_repeatable(function: object) -> bool:
    """Say whether a function is marked by `repeatable`."""
    return getattr(function, "is_repeatable", False) is True
