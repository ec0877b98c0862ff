"""What the fields of a Gateway demand of each other."""

from __future__ import annotations

from collections.abc import Iterator

from krm_functions_sdk.document.pattern import pattern

from krm_inference.manifests.objects import Field
from krm_inference.validate_inference.findings import Finding

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_HOST = pattern(r"(\*\.)?[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
_KEY = pattern(
    r"([a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?"
    r"([A-Za-z0-9][-A-Za-z0-9_.]{0,61})?[A-Za-z0-9]"
)
_LONGEST_PREFIX = 252


def listener(item: Field) -> Any:
    """Return what no two listeners have in common."""
    return tuple(str(item[name].value) for name in ("port", "protocol", "hostname"))


def listener_tls(item: Field) -> Iterator[Finding]:
    """Yield what the protocol of a listener says against its tls and its hostname."""
    protocol, tls = item["protocol"].text, item["tls"]
    mode = tls["mode"].text if tls["mode"].exists else "Terminate"
    if protocol in ("HTTP", "TCP", "UDP") and tls.exists:
        yield Finding(tls, f"a listener of protocol {protocol} must not have tls")
    elif protocol == "HTTPS" and tls.exists and mode != "Terminate":
        yield Finding(tls["mode"], f"found {mode}; protocol HTTPS allows only Terminate", "Terminate")
    elif protocol == "TLS" and not tls.exists:
        yield Finding(tls, "a listener of protocol TLS needs tls with a mode")
    if protocol not in ("TCP", "UDP", "HTTP") and tls.exists and mode == "Terminate" and not _has_certificate(tls):
        yield Finding(tls["certificateRefs"], "mode Terminate needs a certificate")
    if protocol in ("TCP", "UDP") and item["hostname"].text:
        yield Finding(item["hostname"], f"a listener of protocol {protocol} must not have a hostname")


def _has_certificate(tls: Field) -> bool:
    return bool(list(tls["certificateRefs"]) or tls["options"].map)


def addresses(items: Field) -> Iterator[Finding]:
    """Yield addresses that are not what their type says, and those that stand twice."""
    seen = set()
    for item in items:
        kind, value = item["type"].text or "IPAddress", item["value"]
        if not value.exists or kind not in ("IPAddress", "Hostname"):
            continue
        if kind == "IPAddress" and not _is_address(value.text):
            yield Finding(value, f'found "{value.text}", which is not an IP address')
        elif kind == "Hostname" and not _HOST.fullmatch(value.text):
            yield Finding(value, f'found "{value.text}", which is not a hostname')
        elif (kind, value.text) in seen:
            yield Finding(value, "the address appears twice")
        seen.add((kind, value.text))


def _is_address(text: str) -> bool:
    import ipaddress

    try:
        return bool(ipaddress.ip_address(text))
    except ValueError:
        return False


def keys(labels: Field) -> Iterator[Finding]:
    """Yield keys of labels and annotations that Kubernetes does not take."""
    for name in labels.map:
        if not _KEY.fullmatch(str(name)) or len(str(name).split("/")[0]) > _LONGEST_PREFIX:
            message = "expected a name of at most 63 characters, with or without a DNS name and a slash before it"
            yield Finding(labels[name], message)
