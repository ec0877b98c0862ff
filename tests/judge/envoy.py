"""Envoy as gateways of the inference extension set it up: it asks the picker by ext_proc, and goes where that says."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import yaml

from tests.judge import components
from tests.judge.process import Process, free_port, listens

# The header by which the picker says where a request goes (the endpoint picker protocol of the inference extension).
DESTINATION = "x-gateway-destination-endpoint"
_TYPE = "type.googleapis.com/envoy.extensions"
_MODE = "FULL_DUPLEX_STREAMED"


class Backend(NamedTuple):
    """A picker as Envoy reaches it: the port that answers, and the one that says whether it is ready."""

    grpc: int
    health: int


class Envoy:
    """One running Envoy before the pickers of one pool; `ready_service` is what their readiness probe asks for."""

    def __init__(self, folder: Path, pickers: list[Backend], ready_service: str, *, fail_open: bool = False) -> None:
        self.port = free_port()
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / "envoy.yaml"
        file.write_text(yaml.safe_dump(_bootstrap(self.port, pickers, ready_service, fail_open)), encoding="utf-8")
        command = [str(components.envoy()), "--config-path", str(file), "--concurrency", "1", "--log-level", "warning"]
        command += ["--disable-hot-restart"]
        self.process = Process("envoy", command, folder / "envoy.log")
        self.process.wait_until(lambda: listens(self.port))

    def stop(self) -> None:
        self.process.stop(grace=2)


def _bootstrap(port: int, pickers: list[Backend], ready_service: str, fail_open: bool) -> dict[str, Any]:
    return {
        "node": {"id": "judge", "cluster": "judge"},
        "static_resources": {
            "listeners": [_listener(port, fail_open)],
            "clusters": [_servers(), _pickers(pickers, ready_service)],
        },
    }


def _listener(port: int, fail_open: bool) -> dict[str, Any]:
    ask_the_picker = {
        "@type": f"{_TYPE}.filters.http.ext_proc.v3.ExternalProcessor",
        "grpc_service": {"envoy_grpc": {"cluster_name": "pickers"}, "timeout": "10s"},
        "message_timeout": "10s",
        "failure_mode_allow": fail_open,
        "allow_mode_override": True,
        "processing_mode": {
            "request_header_mode": "SEND",
            "request_body_mode": _MODE,
            "request_trailer_mode": "SEND",
            "response_header_mode": "SEND",
            "response_body_mode": _MODE,
            "response_trailer_mode": "SEND",
        },
    }
    manager = {
        "@type": f"{_TYPE}.filters.network.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": "judge",
        "route_config": {
            "virtual_hosts": [
                {
                    "name": "all",
                    "domains": ["*"],
                    "routes": [{"match": {"prefix": "/"}, "route": {"cluster": "servers", "timeout": "20s"}}],
                }
            ]
        },
        "http_filters": [
            {"name": "envoy.filters.http.ext_proc", "typed_config": ask_the_picker},
            {
                "name": "envoy.filters.http.router",
                "typed_config": {"@type": f"{_TYPE}.filters.http.router.v3.Router"},
            },
        ],
    }
    return {
        "name": "http",
        "address": _address(port),
        "filter_chains": [
            {"filters": [{"name": "envoy.filters.network.http_connection_manager", "typed_config": manager}]}
        ],
    }


def _servers() -> dict[str, Any]:
    """Return the cluster of the model servers: wherever the picker's header says."""
    return {
        "name": "servers",
        "type": "ORIGINAL_DST",
        "lb_policy": "CLUSTER_PROVIDED",
        "connect_timeout": "5s",
        "original_dst_lb_config": {"use_http_header": True, "http_header_name": DESTINATION},
    }


def _pickers(backends: list[Backend], ready_service: str) -> dict[str, Any]:
    """Return the cluster of the pickers: those that are ready, as a Service has them."""
    http2 = {
        "@type": f"{_TYPE}.upstreams.http.v3.HttpProtocolOptions",
        "explicit_http_config": {"http2_protocol_options": {}},
    }
    plain = {
        "name": "envoy.transport_sockets.raw_buffer",
        "typed_config": {"@type": f"{_TYPE}.transport_sockets.raw_buffer.v3.RawBuffer"},
    }
    tls = {
        "name": "envoy.transport_sockets.tls",
        "typed_config": {"@type": f"{_TYPE}.transport_sockets.tls.v3.UpstreamTlsContext"},
    }
    endpoints = [
        {
            "endpoint": {
                "address": _address(one.grpc),
                "health_check_config": {"port_value": one.health},
            },
            "metadata": {"filter_metadata": {"envoy.transport_socket_match": {"tls": True}}},
        }
        for one in backends
    ]
    check = {
        "timeout": "1s",
        "interval": "0.5s",
        "no_traffic_interval": "0.5s",
        "unhealthy_threshold": 1,
        "healthy_threshold": 1,
        "grpc_health_check": {"service_name": ready_service},
        "transport_socket_match_criteria": {"plain": True},
    }
    return {
        "name": "pickers",
        "type": "STATIC",
        "connect_timeout": "2s",
        "typed_extension_protocol_options": {f"{_TYPE.partition('/')[2]}.upstreams.http.v3.HttpProtocolOptions": http2},
        "load_assignment": {"cluster_name": "pickers", "endpoints": [{"lb_endpoints": endpoints}]},
        "health_checks": [check],
        # The picker serves ext_proc with a certificate of its own making, and its health without one.
        "transport_socket_matches": [
            {"name": "plain", "match": {"plain": True}, "transport_socket": plain},
            {"name": "tls", "match": {"tls": True}, "transport_socket": tls},
        ],
        "common_lb_config": {"healthy_panic_threshold": {"value": 0}},
    }


def _address(port: int) -> dict[str, Any]:
    return {"socket_address": {"address": "127.0.0.1", "port_value": port}}
