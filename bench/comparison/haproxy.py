"""A task as a configuration of HAProxy; and the origin, an HAProxy that answers by itself."""

import pathlib

from comparison.task import Protocol, Task

BODY_BYTES = 200
# File descriptors that no connection gets.
RESERVED_FILES = 200


def configuration(task: Task, workers: int, files: int, root: pathlib.Path) -> str:
    tcp = task.destination.protocol is Protocol.TCP
    front = f"bind 127.0.0.1:{task.listen}"
    if task.caller is not None:
        front += f" ssl crt {task.identity.bundle} ca-file {root} verify required alpn h2,http/1.1"
    lines = [*_common(workers, files, "tcp" if tcp else "http"), "frontend bench", f"  {front}"]
    if not tcp:
        lines.append("  http-request deny unless { path_beg / }")
    lines += ["  default_backend split", "backend split", "  balance random"]
    if not tcp:
        lines.append("  http-reuse always")
    for index, (port, weight) in enumerate(task.destination.ports.items()):
        server = f"  server v{index} 127.0.0.1:{port} weight {weight}"
        if task.destination.peer is not None:
            server += f" ssl crt {task.identity.bundle} ca-file {root} verify required alpn {task.destination.protocol.value}"
        elif task.destination.protocol is Protocol.HTTP2:
            server += " proto h2"
        lines.append(server)
    return "\n".join(lines) + "\n"


def origin(ports: list[int], files: int) -> str:
    """Answers 200 bytes to everything, over HTTP/1.1 and HTTP/2: the cheapest server at hand."""
    binds = [f"  bind 127.0.0.1:{port}" for port in ports]
    answer = f"  http-request return status 200 content-type text/plain string {'x' * BODY_BYTES}"
    return "\n".join([*_common(1, files, "http"), "frontend origin", *binds, answer]) + "\n"


def _common(workers: int, files: int, mode: str) -> list[str]:
    return [
        "global", f"  nbthread {workers}", f"  maxconn {(files - RESERVED_FILES) // 2}", "  ssl-default-bind-options ssl-min-ver TLSv1.3",
        "  ssl-default-server-options ssl-min-ver TLSv1.3", "  tune.ssl.cachesize 20000",
        "defaults", f"  mode {mode}", "  timeout connect 5s", "  timeout client 300s", "  timeout server 300s",
    ]  # fmt: skip
