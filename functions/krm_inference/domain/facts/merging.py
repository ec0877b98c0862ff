"""How `kpt pkg update` merges the lists of an intent: by a comment behind the key of each list.

Without it the list of the newer package replaces the list of the copy, and the entries that a user added are gone. The
comment counts on whichever side it stands. Source: kpt 1.0.0-beta.56 as run, each list (tests/test_kpt.py); kyaml reads
the comment as the schema of the field.
"""

from __future__ import annotations

# The lists of an LLMService, below `spec` and with `[]` for an entry, and the field by which kpt knows an entry again:
# "" where an entry is a word, and None where kpt has no way, since the field is a number.
KEYS: dict[str, str | None] = {
    "server.extraArgs": "",
    "server.env": "name",
    "adapters": "name",
    "adapters[].match.hostnames": "",
    "adapters[].match.headers": "name",
    "adapters[].match.headers[].values": "",
    "rewrites": "model",
    "rewrites[].targets": "model",
    "objectives": "name",
    "objectives[].match.hostnames": "",
    "objectives[].match.headers": "name",
    "objectives[].match.headers[].values": "",
    "picker.flowControl.bands": None,
    "gateway.allowedNamespaces": "",
    "gateway.tls.secrets": "name",
    "gateway.tls.preSharedCerts": "",
    "gateway.tls.certManagerCerts": "",
    "gateway.jwt.audiences": "",
    "route.hostnames": "",
    "route.paths": "",
    "route.headers": "name",
    "route.headers[].values": "",
    "route.setHeaders": "name",
    "networkPolicy.gatewayRanges": "",
}
_STRATEGY = '"x-kubernetes-patch-strategy":"merge"'


def comment(path: str) -> str:
    """Return what to write behind the key of a list, "" where kpt cannot merge it."""
    key = KEYS[path]
    if key is None:
        return ""
    return f'# {{"x-kubernetes-patch-merge-key":"{key}",{_STRATEGY}}}' if key else f"# {{{_STRATEGY}}}"
