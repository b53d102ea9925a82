"""What a proxy is asked to do, told in no proxy's own language."""

import dataclasses
import enum

from comparison.certificates import Identity


class Protocol(enum.Enum):
    HTTP1 = "http/1.1"
    HTTP2 = "h2"
    TCP = "tcp"


@dataclasses.dataclass(frozen=True)
class Destination:
    """Where the traffic goes: split over local ports by weight.

    `peer` is who must answer there over mTLS, None for plaintext.
    """

    ports: dict[int, int]
    protocol: Protocol
    peer: Identity | None = None


@dataclasses.dataclass(frozen=True)
class Task:
    """One listener of one proxy.

    `identity` is what the proxy shows in mTLS, on whichever side has it. `caller` is the one workload that the access policy lets in over mTLS;
    None where clients speak plaintext, and then the policy lets every path in: it is evaluated all the same.
    """

    listen: int
    destination: Destination
    identity: Identity | None = None
    caller: Identity | None = None
