"""What the GatewayClasses can do that carry inference pools, and what those cannot that do not."""

from __future__ import annotations

from typing import NamedTuple

_REGIONAL = "gke-l7-regional-external-managed and gke-l7-rilb"


class GatewayClass(NamedTuple):
    """What is known of a class.

    `lacks` says why routes to an InferencePool may not work, "" where nothing speaks against it. `is_gke` classes read
    GKE's own TLS options. `has_timeouts` says that a route may carry `timeouts`. `late_headers` says why headers that a
    route sets do not reach the endpoint picker, "" where nothing is known.
    """

    lacks: str = ""
    is_gke: bool = False
    has_timeouts: bool = True
    late_headers: str = ""


# GKE refuses a whole route that carries timeouts (kserve/kserve#5311). Envoy adds a route's headers in its router,
# after the filters that ask external processors (istio/istio#60256).
_GKE = GatewayClass(is_gke=True, has_timeouts=False)
CLASSES = {
    "gke-l7-regional-external-managed": _GKE,
    "gke-l7-rilb": _GKE,
    "istio": GatewayClass(late_headers="Istio sets the headers of a route after it has asked the endpoint picker"),
}


def of(name: str) -> GatewayClass:
    """Return what is known of the class `name`; of a class that is not known nothing is said."""
    if name in CLASSES or not name.startswith("gke-l7-"):
        return CLASSES.get(name, GatewayClass())
    if name.endswith("-mc"):
        use = _REGIONAL.replace(" and ", " or ")
        return _GKE._replace(lacks=f"it routes to a GCPInferencePoolImport and not to an InferencePool; use {use}")
    return _GKE._replace(lacks=f"GKE documents InferencePools for {_REGIONAL} only")
