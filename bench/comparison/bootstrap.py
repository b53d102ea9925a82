"""A task as an Envoy bootstrap: the very same file for Envoy and for Heddle's proxy, but for the ports.

It holds what a meshed pod has: a weighted split, an access policy, retries of what never arrived, identities verified on both sides.
"""

import pathlib

from comparison.task import Destination, Protocol, Task

TYPES = "type.googleapis.com/"
EXTENSIONS = TYPES + "envoy.extensions."
HTTP_OPTIONS = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions"


def of(task: Task, admin: int, root: pathlib.Path) -> dict:
    clusters = [_cluster(f"v{index}", task.destination, port, task, root) for index, port in enumerate(task.destination.ports)]
    return {
        "admin": {"address": _address(admin)},
        "static_resources": {"listeners": [_listener(task, root)], "clusters": clusters},
    }


def dynamic(node: str, control_plane: int, admin: int) -> dict:
    """Everything from a control plane on a local port, by delta ADS."""
    ads = {"ads": {}, "resource_api_version": "V3"}
    cluster = {
        "name": "control-plane",
        "type": "STATIC",
        "connect_timeout": "5s",
        "typed_extension_protocol_options": _http_options("http2_protocol_options"),
        "load_assignment": _assignment("control-plane", control_plane),
    }
    service = {"envoy_grpc": {"cluster_name": "control-plane"}}
    return {
        "node": {"id": node, "cluster": "bench"},
        "admin": {"address": _address(admin)},
        "dynamic_resources": {
            "ads_config": {"api_type": "DELTA_GRPC", "transport_api_version": "V3", "grpc_services": [service]},
            "lds_config": ads,
            "cds_config": ads,
        },
        "static_resources": {"clusters": [cluster]},
    }


def _listener(task: Task, root: pathlib.Path) -> dict:
    tcp = task.destination.protocol is Protocol.TCP
    chain = {"filters": [_tcp_proxy(task)] if tcp else [_connection_manager(task)]}
    if task.caller is not None:
        chain["transport_socket"] = _tls("DownstreamTlsContext", task, root, ["h2", "http/1.1"], {"require_client_certificate": True})
    direction = "OUTBOUND" if task.caller is None else "INBOUND"
    return {"name": "bench", "address": _address(task.listen), "traffic_direction": direction, "filter_chains": [chain]}


def _connection_manager(task: Task) -> dict:
    route = {
        "match": {"prefix": "/"},
        "route": {
            "weighted_clusters": _split(task.destination),
            "timeout": "0s",
            "retry_policy": {"retry_on": "connect-failure,refused-stream", "num_retries": 2},
        },
    }
    return _filter("envoy.filters.network.http_connection_manager", "filters.network.http_connection_manager.v3.HttpConnectionManager", {
        "stat_prefix": "bench",
        "codec_type": "AUTO",
        "server_header_transformation": "PASS_THROUGH",
        "generate_request_id": False,
        "normalize_path": True,
        "route_config": {"name": "bench", "virtual_hosts": [{"name": "all", "domains": ["*"], "routes": [route]}]},
        "http_filters": [
            _filter("envoy.filters.http.rbac", "filters.http.rbac.v3.RBAC", {"rules": {"action": "ALLOW", "policies": {"bench": _policy(task)}}}),
            _filter("envoy.filters.http.router", "filters.http.router.v3.Router", {}),
        ],
    })  # fmt: skip


def _policy(task: Task) -> dict:
    principal = {"any": True} if task.caller is None else {"authenticated": {"principal_name": {"exact": task.caller.spiffe_id}}}
    return {"permissions": [{"url_path": {"path": {"prefix": "/"}}}], "principals": [principal]}


def _tcp_proxy(task: Task) -> dict:
    return _filter(
        "envoy.filters.network.tcp_proxy",
        "filters.network.tcp_proxy.v3.TcpProxy",
        {"stat_prefix": "bench", "weighted_clusters": _split(task.destination)},
    )


def _split(destination: Destination) -> dict:
    return {"clusters": [{"name": f"v{index}", "weight": weight} for index, weight in enumerate(destination.ports.values())]}


def _cluster(name: str, destination: Destination, port: int, task: Task, root: pathlib.Path) -> dict:
    cluster = {
        "name": name,
        "type": "STATIC",
        "connect_timeout": "5s",
        "lb_policy": "LEAST_REQUEST",
        "circuit_breakers": {"thresholds": [{"max_connections": 20000, "max_pending_requests": 20000, "max_requests": 20000}]},
        "load_assignment": _assignment(name, port),
    }
    if destination.protocol is not Protocol.TCP:
        version = "http2_protocol_options" if destination.protocol is Protocol.HTTP2 else "http_protocol_options"
        cluster["typed_extension_protocol_options"] = _http_options(version)
    if destination.peer is not None:
        cluster["transport_socket"] = _tls("UpstreamTlsContext", task, root, [destination.protocol.value], {"sni": "mesh.heddle.internal"})
    return cluster


def _http_options(version: str) -> dict:
    return {HTTP_OPTIONS: {"@type": TYPES + HTTP_OPTIONS, "explicit_http_config": {version: {}}}}


def _assignment(name: str, port: int) -> dict:
    return {"cluster_name": name, "endpoints": [{"lb_endpoints": [{"endpoint": {"address": _address(port)}}]}]}


def _tls(kind: str, task: Task, root: pathlib.Path, protocols: list[str], more: dict) -> dict:
    validation = {"trusted_ca": {"filename": str(root)}}
    if kind == "UpstreamTlsContext":
        validation["match_typed_subject_alt_names"] = [{"san_type": "URI", "matcher": {"exact": task.destination.peer.spiffe_id}}]
    return {
        "name": "envoy.transport_sockets.tls",
        "typed_config": {
            "@type": f"{EXTENSIONS}transport_sockets.tls.v3.{kind}",
            "common_tls_context": {
                # Envoy's clients stop at 1.2 by default.
                "tls_params": {"tls_maximum_protocol_version": "TLSv1_3"},
                "alpn_protocols": protocols,
                "tls_certificates": [
                    {"certificate_chain": {"filename": str(task.identity.certificate)}, "private_key": {"filename": str(task.identity.key)}}
                ],
                "validation_context": validation,
            },
            **more,
        },
    }


def _filter(name: str, kind: str, configuration: dict) -> dict:
    return {"name": name, "typed_config": {"@type": EXTENSIONS + kind, **configuration}}


def _address(port: int) -> dict:
    return {"socket_address": {"address": "127.0.0.1", "port_value": port}}
