"""Questions about a resource that combine: `is_kind("Deployment") & ~in_namespace("kube-system")`.

A predicate is called with a resource; `ResourceList.select` takes one. `&`, `|` and `~` stand for and, or and not.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import NoReturn

    from krm_functions_sdk.resources.resource import Resource

    Question = Callable[[Resource], object]

_CONFIG_OF_EVAL = "function-input"  # the name that kpt gives to the ConfigMap that it makes for a function
_PACKAGE_CONTEXT = "kptfile.kpt.dev"  # the name of the ConfigMap in package-context.yaml


class Predicate:
    """A question about a resource, and how it reads."""

    __slots__ = ("_question", "_text")

    def __init__(self, question: Question, text: str = "") -> None:
        self._question = question
        self._text = text or getattr(question, "__name__", "predicate")

    def __call__(self, resource: Resource) -> bool:
        return bool(self._question(resource))

    def __and__(self, other: Question) -> Predicate:
        other = _predicate(other)
        return Predicate(lambda resource: self(resource) and other(resource), f"({self} & {other})")

    def __or__(self, other: Question) -> Predicate:
        other = _predicate(other)
        return Predicate(lambda resource: self(resource) or other(resource), f"({self} | {other})")

    def __invert__(self) -> Predicate:
        return Predicate(lambda resource: not self(resource), f"~{self}")

    def __bool__(self) -> NoReturn:
        raise TypeError(
            "a predicate alone is neither true nor false: combine with &, | and ~, and call it with a resource"
        )

    def __repr__(self) -> str:
        return self._text


def is_kind(*kinds: str) -> Predicate:
    """Ask whether the kind is one of `kinds`, of any API group."""
    return Predicate(lambda resource: resource.kind in kinds, _call("is_kind", *kinds))


def is_group(*groups: str) -> Predicate:
    """Ask whether the API group is one of `groups`; "" is the core group."""
    return Predicate(lambda resource: resource.group in groups, _call("is_group", *groups))


def is_group_kind(group: str, *kinds: str) -> Predicate:
    """Ask whether the kind is one of `kinds` of the API group; "" is the core group."""
    return Predicate(
        lambda resource: resource.kind in kinds and resource.group == group, _call("is_group_kind", group, *kinds)
    )


def is_api_version(*versions: str) -> Predicate:
    """Ask whether the apiVersion is one of `versions`, such as `apps/v1`."""
    return Predicate(lambda resource: resource.api_version in versions, _call("is_api_version", *versions))


def is_named(*names: str) -> Predicate:
    """Ask whether the name is one of `names`."""
    return Predicate(lambda resource: resource.name in names, _call("is_named", *names))


def in_namespace(*namespaces: str) -> Predicate:
    """Ask whether `metadata.namespace` is one of `namespaces`; "" stands for none."""
    return Predicate(lambda resource: resource.namespace in namespaces, _call("in_namespace", *namespaces))


def in_file(*paths: str) -> Predicate:
    """Ask whether the resource belongs to one of the files, relative to its package."""
    return Predicate(lambda resource: resource.path in paths, _call("in_file", *paths))


def has_labels(labels: Mapping[str, str]) -> Predicate:
    """Ask whether the labels hold all of these; others may stand beside them."""
    wanted = dict(labels)
    return Predicate(lambda resource: wanted.items() <= resource.labels.items(), _call("has_labels", wanted))


def has_annotations(annotations: Mapping[str, str]) -> Predicate:
    """Ask whether the annotations hold all of these; others may stand beside them."""
    wanted = dict(annotations)
    return Predicate(lambda resource: wanted.items() <= resource.annotations.items(), _call("has_annotations", wanted))


def is_selected(*selectors: Mapping[str, object], exclude: Sequence[Mapping[str, object]] = ()) -> Predicate:
    """Ask whether one of the selectors takes the resource, or there are none, and none of `exclude` does.

    A selector is as in a Kptfile: `apiVersion`, `kind`, `name`, `namespace`, `labels` and `annotations`.
    """
    from krm_functions_sdk.resources.selectors import takes

    return Predicate(lambda resource: takes(selectors, exclude, resource), _call("is_selected", *selectors, *exclude))


def _meta_resource(resource: Resource) -> bool:
    return resource.kind == "Kptfile" and resource.group == "kpt.dev"


def _function_config(resource: Resource) -> bool:
    if resource.kind != "ConfigMap":
        return resource.group == "fn.kpt.dev" or resource.group.endswith(".fn.kpt.dev")
    return resource.name in (_CONFIG_OF_EVAL, _PACKAGE_CONTEXT) and not resource.group


is_local_config = Predicate(lambda resource: resource.is_local_config, "is_local_config")
"""Ask whether the object is for tools only and never applied to a cluster."""

is_meta_resource = Predicate(_meta_resource, "is_meta_resource")
"""Ask whether the object describes the package itself: its Kptfile."""

is_function_config = Predicate(_function_config, "is_function_config")
"""Ask whether the object configures functions: a kind of `fn.kpt.dev` or below it, or one of kpt's own ConfigMaps."""


def _predicate(question: Question) -> Predicate:
    return question if isinstance(question, Predicate) else Predicate(question)


def _call(name: str, *arguments: object) -> str:
    return f"{name}({', '.join(map(repr, arguments))})"
