"""Names, labels and annotations that the API server takes, and the groups and versions that it serves."""

from __future__ import annotations

import re
from collections.abc import Iterator

from krm_functions_sdk import MISSING
from krm_functions_sdk.document.pattern import pattern

from krm_inference.domain.names import DNS_LABEL, dns_label
from krm_inference.domain.spelling import nearest
from krm_inference.manifests import groups
from krm_inference.manifests.groups import RBAC, SERVED
from krm_inference.manifests.index import Index
from krm_inference.manifests.objects import Field
from krm_inference.manifests.pods import pods
from krm_inference.validate_inference.findings import Finding

_LABEL_1035 = pattern(r"[a-z]([-a-z0-9]*[a-z0-9])?\Z")
_LABEL_1123 = pattern(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?\Z")
_SUBDOMAIN = pattern(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\Z")
_LABEL_VALUE = pattern(r"([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?\Z")
_LABEL_KEY = pattern(r"([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)\Z")
# The API server has a kind in lower case as a DNS-1035 label.
_KIND = pattern(r"[A-Za-z]([-A-Za-z0-9]{0,61}[A-Za-z0-9])?\Z")
_LONGEST = 253


def incomplete_objects(index: Index) -> Iterator[Finding]:
    """Yield objects that lack what makes an object: apiVersion, kind and a name."""
    for item in index.objects:
        for key, text in (("apiVersion", item.api_version), ("kind", item.kind)):
            if not text:
                yield Finding(item.at(key), f"no {key}")
        if not item.name and not item.at("metadata.generateName").text:
            yield Finding(item.at("metadata.name"), "no name")


def generated_names(index: Index) -> Iterator[Finding]:
    """Yield objects whose name the API server is to make up."""
    for item in index.objects:
        if not item.name and (field := item.at("metadata.generateName")).text:
            yield Finding(field, f"{item.kind or 'the object'} has generateName and no name")


def wrong_definition_names(index: Index) -> Iterator[Finding]:
    """Yield CustomResourceDefinitions that are not called by the plural and the group that they define."""
    for item in index.of(groups.CRD):
        plural, group = item.at("spec.names.plural").text, item.at("spec.group").text
        if plural and group and item.name and item.name != f"{plural}.{group}":
            yield Finding(
                item.at("metadata.name"), f"found {item.name}, expected {plural}.{group}", f"{plural}.{group}"
            )


# Groups of Kubernetes itself without a dot; apiextensions-apiserver, validation: a definition's group has one.
_WITHOUT_DOT = ("apps", "autoscaling", "batch", "extensions", "policy")
# Groups that their authors gave up for another name. Sources: kserve/kserve 45c3c2cf1 and 859132a85, which followed.
_RENAMED = {"serving.kubeflow.org": "serving.kserve.io", "sources.eventing.knative.dev": "sources.knative.dev"}


def unserved_versions(index: Index) -> Iterator[Finding]:
    """Yield objects in a group or version that no release serves, and kinds that are nearly one of their group."""
    for item in index.objects:
        versions = SERVED.get((item.group, item.kind))
        if (item.group, item.kind) == (groups.INFERENCE_X, "InferenceModel"):
            yield Finding(item.at("kind"), "InferenceModel was removed in v1.0 of GAIE; use InferenceObjective")
            continue
        if not (item.api_version and item.kind):
            continue  # rule `object` reports it
        field = item.at("apiVersion")
        if not _KIND.match(item.kind):
            yield Finding(item.at("kind"), f'"{item.kind}" can be no kind: a kind has letters and digits alone')
        elif versions is None and (near := _near(item.group, item.kind)):
            yield Finding(item.at("kind"), f"{_group(item.group)} has no kind {item.kind}", near)
        elif versions is not None and item.version not in versions:
            message = f"{field.text} has no {item.kind}; it is served in " + ", ".join(
                _version(item.group, version) for version in versions
            )
            yield Finding(field, message, _version(item.group, versions[0]))
        elif versions is None and item.group in groups.COMPLETE:
            homes = [_version(group, known[0]) for (group, kind), known in SERVED.items() if kind == item.kind]
            message = f"{_group(item.group)} has no kind {item.kind}"
            message += f"; it is served in {' and '.join(homes)}" if homes else ""
            yield Finding(field, message, homes[0] if homes else MISSING)
        elif versions is None and item.group and "." not in item.group and item.group not in _WITHOUT_DOT:
            message = f"there is no group {item.group}: one of a CustomResourceDefinition has a dot"
            homes = [_version(group, known[0]) for (group, kind), known in SERVED.items() if kind == item.kind]
            yield Finding(field, message, homes[0] if len(homes) == 1 else MISSING)
        elif item.group in _RENAMED:
            yield Finding(field, f"group {item.group} was renamed to {_RENAMED[item.group]}")


def _group(group: str) -> str:
    return f"group {group}" if group else "the core group"


def _version(group: str, version: str) -> str:
    return f"{group}/{version}" if group else version


def _near(group: str, kind: str) -> str:
    known = groups.kinds_of(group)
    alike = 0.75 if group in groups.COMPLETE else 0.85  # of the other groups there may be kinds that we do not know
    return "" if kind in known else nearest(kind, known, alike) or ""


def invalid_object_names(index: Index) -> Iterator[Finding]:
    """Yield names that the API server refuses, but for those of Services."""
    for item in index.objects:
        if not item.name or item.group == RBAC or (item.group, item.kind) == groups.SERVICE:
            continue
        if (item.group, item.kind) == ("", "Namespace"):
            yield from _no_label(item.at("metadata.name"))
        elif len(item.name) > _LONGEST or not _SUBDOMAIN.match(item.name):
            expected = f"at most {_LONGEST} lower-case letters, digits, dashes and dots"
            message = f"expected {expected}, with a letter or digit at both ends"
            yield Finding(item.at("metadata.name"), message, _lower(item.name))


def invalid_namespaces(index: Index) -> Iterator[Finding]:
    """Yield namespaces of objects that are no DNS-1123 labels."""
    for item in index.objects:
        is_scoped = (item.group, item.kind) not in groups.CLUSTER_SCOPED  # of the others it is wrong to have one
        if is_scoped and item.namespace:
            yield from _no_label(item.at("metadata.namespace"))


def _no_label(field: Field) -> Iterator[Finding]:
    if len(field.text) > DNS_LABEL or not _LABEL_1123.match(field.text):
        proposed = re.sub(r"[^a-z0-9]+", "-", field.text.lower()).strip("-")
        is_label = len(proposed) <= DNS_LABEL and _LABEL_1123.match(proposed)
        message = (
            f"expected at most {DNS_LABEL} lower-case letters, digits and dashes, with a letter or digit at both ends"
        )
        yield Finding(field, message, proposed if is_label else MISSING)


def _lower(name: str) -> object:
    proposed = re.sub(r"[^a-z0-9.]+", "-", name.lower()).strip("-.")
    return proposed if _SUBDOMAIN.match(proposed) else MISSING


def invalid_service_names(index: Index) -> Iterator[Finding]:
    """Yield names of Services that are no DNS-1035 labels."""
    for service in index.of(groups.SERVICE):
        if service.name and (len(service.name) > DNS_LABEL or not _LABEL_1035.match(service.name)):
            message = f"expected at most {DNS_LABEL} lower-case letters, digits and dashes, starting with a letter"
            yield Finding(service.at("metadata.name"), message, dns_label(service.name))


def invalid_labels(index: Index) -> Iterator[Finding]:
    """Yield labels that the API server refuses."""
    for item in index.objects:
        if item.labels:
            yield from _labels(item.at("metadata.labels"))
    for pod in pods(index):
        if pod.object.kind != "Pod":
            yield from _labels(pod.labels_field)
    for pool in index.of(groups.POOL):
        yield from _labels(pool.at("spec.selector.matchLabels"))


def _labels(field: Field) -> Iterator[Finding]:
    for key, value in field.map.items():
        prefix, slash, name = key.rpartition("/")
        if len(name) > DNS_LABEL or not _LABEL_KEY.match(name) or (slash and not _SUBDOMAIN.match(prefix)):
            yield Finding(field[key], f'"{key}" is not a valid label key')
        if not isinstance(value, str):
            yield Finding(field[key], f"found {_kind(value)}, expected a string", _quoted(value))
        elif len(value) > DNS_LABEL or not _LABEL_VALUE.match(value):
            message = f'at most {DNS_LABEL} letters, digits, "-", "_" and ".", with a letter or digit at both ends'
            yield Finding(field[key], f"expected {message}")


def annotations_not_strings(index: Index) -> Iterator[Finding]:
    """Yield annotations that are no strings."""
    fields = [item.at("metadata.annotations") for item in index.objects if item.annotations]
    fields += [pod.annotations_field for pod in pods(index) if pod.object.kind != "Pod"]
    for field in fields:
        for key, value in field.map.items():
            if not isinstance(value, str):
                yield Finding(field[key], f"found {_kind(value)}, expected a string", _quoted(value))


def _kind(value: object) -> str:
    if value is None:
        return "nothing"
    return {bool: "a boolean", int: "a number", float: "a number", list: "a list", dict: "a map"}.get(
        type(value), "a value"
    )


def _quoted(value: object) -> object:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int | float) else "" if value is None else MISSING
