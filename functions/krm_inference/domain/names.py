"""Names of generated objects, valid for the kind that carries them and distinct where the services are."""

from __future__ import annotations

import re

DNS_LABEL = 63
_SUFFIX = len("-metrics-reader-secret")


def dns_label(name: str) -> str:
    """Return `name` as a DNS-1035 label that leaves room for the suffixes of child objects.

    Services must carry such a label: lower case, no dots, a letter first (Kubernetes validates them as DNS-1035). A
    name that has to be cut keeps its identity by a hash of the whole.
    """
    label = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
    if not label[:1].isalpha():
        label = f"llm-{label}".rstrip("-")
    room = DNS_LABEL - _SUFFIX
    if len(label) > room:
        import hashlib

        digest = hashlib.sha256(name.encode()).hexdigest()[:6]
        label = f"{label[: room - 7].rstrip('-')}-{digest}"
    return label


class Names:
    """The names of everything that belongs to one service."""

    def __init__(self, service: str, namespace: str) -> None:
        self.service, self.namespace = service, namespace
        label = dns_label(service)
        # Cluster-scoped names carry the namespace, or two packages on one cluster would overwrite each other's.
        cluster = f"{namespace or 'default'}-{label}"
        self.base = label
        self.adapters = f"{service}-adapters"
        self.picker = f"{label}-epp"
        self.picker_election = f"{label}-epp-leader-election"
        self.picker_reviews = f"{cluster}-epp"
        self.metrics_reader = f"{label}-metrics-reader"
        self.metrics_reader_secret = f"{label}-metrics-reader-secret"
        self.metrics_reader_cluster = f"{cluster}-metrics-reader"
        self.weights = f"{label}-weights"
        self.weights_cluster = f"{cluster}-weights"
        self.cache = f"{label}-cache"
        self.download = f"{label}-download"

    def part(self, role: str) -> str:
        """Return the name of the workload of servers that do a part of the work."""
        return f"{self.service}-{role}"

    def before(self, name: str, service: str) -> set[str]:
        """Return what an object called `name` may have been called while its service was called `service`."""
        formers = [Names(service, namespace) for namespace in dict.fromkeys((self.namespace, ""))]
        own = [(key, new) for key, new in vars(self).items() if key != "namespace"]
        pairs = [(new, getattr(former, key)) for former in formers for key, new in own]
        return {old + name[len(new) :] for new, old in pairs if name == new or name.startswith(f"{new}-")}
