"""Predicates: what each asks, how they combine, and how they read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from krm_functions_sdk import (
    Predicate,
    Resource,
    ResourceList,
    has_annotations,
    has_labels,
    in_file,
    in_namespace,
    is_api_version,
    is_function_config,
    is_group,
    is_group_kind,
    is_kind,
    is_local_config,
    is_meta_resource,
    is_named,
    is_selected,
)

WEB = Resource("""\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  namespace: shop
  labels: {app: web, tier: front}
  annotations:
    internal.config.kubernetes.io/path: web.yaml
    example.com/owner: team
""")
SETTINGS = Resource("""\
apiVersion: v1
kind: ConfigMap
metadata:
  name: settings
  annotations:
    config.kubernetes.io/local-config: "true"
""")
ALL = [is_kind("Deployment"), is_group("apps"), is_named("web"), in_namespace(""), is_local_config, has_labels({})]


@pytest.mark.parametrize(
    ("predicate", "of_web", "of_settings"),
    [
        (is_kind("Deployment", "StatefulSet"), True, False),
        (is_kind(), False, False),
        (is_group("apps", "batch"), True, False),
        (is_group(""), False, True),
        (is_group_kind("apps", "Deployment"), True, False),
        (is_group_kind("", "Deployment"), False, False),
        (is_api_version("apps/v1", "apps/v1beta1"), True, False),
        (is_api_version("apps"), False, False),
        (is_named("web", "settings"), True, True),
        (in_namespace("shop"), True, False),
        (in_namespace(""), False, True),
        (in_file("web.yaml"), True, False),
        (has_labels({"app": "web"}), True, False),
        (has_labels({"app": "web", "other": "web"}), False, False),
        (has_labels({}), True, True),
        (has_annotations({"example.com/owner": "team"}), True, False),
        (has_annotations({"example.com/owner": "others"}), False, False),
        (is_local_config, False, True),
        (is_meta_resource, False, False),
    ],
    ids=repr,
)
def test_a_predicate_asks_one_question(predicate: Predicate, of_web: bool, of_settings: bool) -> None:
    """Each predicate looks at what its name says."""
    assert (predicate(WEB), predicate(SETTINGS)) == (of_web, of_settings)


@pytest.mark.parametrize(
    ("text", "is_meta", "is_config"),
    [
        ("apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata:\n  name: x\n", True, False),
        ("apiVersion: kpt.dev/v1alpha2\nkind: Kptfile\nmetadata:\n  name: x\n", True, False),
        ("apiVersion: example.com/v1\nkind: Kptfile\nmetadata:\n  name: x\n", False, False),
        ("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: function-input\n", False, True),
        ("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: kptfile.kpt.dev\n", False, True),
        ("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: x\n", False, False),
        ("apiVersion: fn.kpt.dev/v1alpha1\nkind: SetLabels\nmetadata:\n  name: x\n", False, True),
        ("apiVersion: own.fn.kpt.dev/v1\nkind: Own\nmetadata:\n  name: x\n", False, True),
        ("apiVersion: notfn.kpt.dev/v1\nkind: Own\nmetadata:\n  name: x\n", False, False),
    ],
)
def test_what_describes_the_package_and_what_configures_functions(text: str, is_meta: bool, is_config: bool) -> None:
    """A Kptfile is a meta resource; a functionConfig is known by its group, or by the name that kpt gives it."""
    resource = Resource(text)
    assert (is_meta_resource(resource), is_function_config(resource)) == (is_meta, is_config)


@given(st.sampled_from(ALL), st.sampled_from(ALL), st.sampled_from([WEB, SETTINGS]))
def test_predicates_combine(one: Predicate, other: Predicate, resource: Resource) -> None:
    """And, or and not mean what they mean anywhere."""
    assert (one & other)(resource) == (one(resource) and other(resource))
    assert (one | other)(resource) == (one(resource) or other(resource))
    assert (~one)(resource) == (not one(resource))
    assert (~(one & other))(resource) == (~one | ~other)(resource)


def test_a_predicate_reads_as_it_was_written() -> None:
    """Its repr is the expression."""
    predicate = is_kind("Deployment") & ~in_namespace("kube-system") | has_labels({"app": "web"})
    assert repr(predicate) == "((is_kind('Deployment') & ~in_namespace('kube-system')) | has_labels({'app': 'web'}))"


def test_a_predicate_has_no_truth() -> None:
    """`and` where `&` was meant is a mistake that is told at once."""
    with pytest.raises(TypeError, match=r"combine with &, \| and ~"):
        bool(is_kind("Deployment"))


def test_any_callable_combines() -> None:
    """A function over a resource stands on either side of an operator of a predicate."""

    def is_short(resource: Resource) -> bool:
        return len(resource.name) < 4

    assert (is_kind("Deployment") & is_short)(WEB)
    assert (Predicate(is_short) | is_local_config)(SETTINGS)
    assert repr(~Predicate(is_short)) == "~is_short"


def test_select_keeps_the_order() -> None:
    """A list selects by a predicate, or any function, in the order of its items."""
    resources = ResourceList([SETTINGS, WEB, SETTINGS.copy()])
    assert resources.select(is_local_config) == [resources.items[0], resources.items[2]]
    assert resources.select(lambda resource: resource.name == "web") == [WEB]
    assert resources.select(~has_labels({})) == []


def test_predicates_look_at_the_text_as_it_is_now() -> None:
    """A predicate asks anew at every call."""
    resource = WEB.copy()
    wanted = has_labels({"app": "api"})
    assert not wanted(resource)
    resource.set("metadata.labels.app", "api")
    assert wanted(resource)


def test_selectors_as_those_of_kpt() -> None:
    """One of the selectors has to take a resource, and none of the excluded; labels are compared as texts."""
    text = "apiVersion: v1\nkind: Pod\nmetadata: {name: %s, labels: {app: x, n: 1}}\n"
    resources = ResourceList([Resource(text % name) for name in ("a", "b", "c")])
    chosen = is_selected({"kind": "Pod", "name": "a"}, {"labels": {"app": "x", "n": "1"}}, exclude=[{"name": "c"}])
    assert [item.name for item in resources.select(chosen)] == ["a", "b"]
    assert [item.name for item in resources.select(is_selected())] == ["a", "b", "c"]
    assert resources.select(is_selected({"annotations": {"a": "b"}})) == []
