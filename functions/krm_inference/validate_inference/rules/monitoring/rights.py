"""Rights to the metrics: who scrapes may read them, and the picker may ask who it is."""

from __future__ import annotations

from collections.abc import Iterator

from krm_inference.manifests.groups import RBAC, SECRET
from krm_inference.manifests.index import Index
from krm_inference.manifests.links import TOKEN_ACCOUNT, of_rows
from krm_inference.manifests.objects import Object
from krm_inference.manifests.pickers import Picker, pickers
from krm_inference.manifests.rights import allows, roles_of, secrets_read
from krm_inference.validate_inference.findings import Finding, listed

_METRICS = "/metrics"
_TOKEN_KEYS = ("token", "ca.crt", "namespace")
_CLUSTER = (RBAC, "ClusterRole")
# How a picker asks the API server about the token that it was sent.
_REVIEWS = (("authentication.k8s.io", "tokenreviews"), ("authorization.k8s.io", "subjectaccessreviews"))


def may_not_scrape(index: Index) -> Iterator[Finding]:
    """Yield accounts without the rights that a scrape with a token needs, where all their roles are here."""
    for link in of_rows(index, "monitor-secret"):
        secret = index.find(SECRET, link.name.text, link.namespace)
        name = secret.at("metadata.annotations")[TOKEN_ACCOUNT] if secret else None
        if secret and name is not None and name.text:
            roles = list(roles_of(index, name.text, secret.namespace))
            is_expected = bool(roles) or index.derive(_has_reader)
            if is_expected and None not in roles and not any(role and _may_scrape(role) for role in roles):
                yield Finding(
                    name, f"{name.text} may not get {_METRICS}; it has: {listed(str(role) for role in roles)}"
                )
    for picker in pickers(index) if of_rows(index, "monitor-secret") else ():
        yield from _reviews(index, picker)


def _has_reader(index: Index) -> bool:
    """Say whether a role is here that lets metrics be read, so that all accounts that read them should have it."""
    return any(_may_scrape(role) for role in index.of(_CLUSTER))


def _has_reviewer(index: Index) -> bool:
    """Say whether a role is here that lets tokens be reviewed, so that pickers should have it."""
    return any(allows(role, *_REVIEWS[0], "create") for role in index.of(_CLUSTER))


def _may_scrape(role: Object) -> bool:
    for rule in role.at("rules"):
        urls = [item.text for item in rule["nonResourceURLs"]]
        verbs = [item.text for item in rule["verbs"]]
        if {_METRICS, "*", "/*"} & set(urls) and {"get", "*"} & set(verbs):
            return True
    return role.at("aggregationRule").exists


def _reviews(index: Index, picker: Picker) -> Iterator[Finding]:
    flag = picker.flag("--metrics-endpoint-auth")
    account = picker.pod.spec["serviceAccountName"]
    if picker.release is None or (flag is not None and flag.value == "false") or not account.text:
        return
    roles = list(roles_of(index, account.text, picker.pod.object.namespace))
    has_some = any(role and (role.group, role.kind) == _CLUSTER for role in roles) or index.derive(_has_reviewer)
    if None in roles or not has_some:
        return
    for group, resource in _REVIEWS:
        if not any(role and allows(role, group, resource, "create") for role in roles):
            yield Finding(account, f"{account.text} may not create {resource} of group {group}")
            return


def unknown_token_keys(index: Index) -> Iterator[Finding]:
    """Yield keys that the token Secret of a monitor will not have."""
    for link in of_rows(index, "monitor-secret"):
        secret, key = index.find(SECRET, link.name.text, link.namespace), link.field["key"]
        is_token = secret is not None and secret.at("type").text == "kubernetes.io/service-account-token"
        if is_token and key.text and key.text not in _TOKEN_KEYS:
            yield Finding(key, f"found {key.text}; a token Secret has: {', '.join(_TOKEN_KEYS)}", "token")


def unreadable_secrets(index: Index) -> Iterator[Finding]:
    """Yield roles that name the Secret of a monitor and do not let it be read, and monitors whose Secret none names."""
    yield from _unread(index)
    named = {(link.name.text, link.namespace) for link in of_rows(index, "monitor-secret")}
    for role in index.of((RBAC, "Role")):
        for rule in role.at("rules"):
            names = [item.text for item in rule["resourceNames"]]
            if not any((name, role.namespace) in named for name in names):
                continue
            said = {key: [item.text for item in rule[key]] for key in ("apiGroups", "resources", "verbs")}
            for key, wanted in (("apiGroups", ("",)), ("resources", ("secrets",)), ("verbs", ("get", "list", "watch"))):
                missing = [value for value in wanted if value not in said[key] and "*" not in said[key]]
                if missing:
                    what = ", ".join(f'"{value}"' for value in missing)
                    yield Finding(rule[key], f"the collector reads Secret {names[0]} and needs {what} here")


def _unread(index: Index) -> Iterator[Finding]:
    """Yield monitors whose Secret no role lets be read, where another monitor's Secret has such a role."""
    granted = index.derive(secrets_read)
    held = [link for link in of_rows(index, "monitor-secret") if index.find(SECRET, link.name.text, link.namespace)]
    lacking = [link for link in held if not any((link.name.text, each) in granted for each in (link.namespace, ""))]
    open_to_all = {namespace for name, namespace in granted if name == ""}
    if len(lacking) == len(held):
        return
    for link in lacking:
        if not {link.namespace, ""} & open_to_all:
            yield Finding(
                link.name, f"no Role lets the collector read {link.name.text}; Secrets of other monitors have one"
            )
