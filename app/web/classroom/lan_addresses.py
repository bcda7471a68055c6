"""The addresses at which other devices can reach this machine."""

import socket
from ipaddress import ip_address

from starlette.requests import Request

ELSEWHERE = ("10.255.255.255", 1)  # any address outside: nothing is sent to it


def reachable_addresses(request: Request) -> tuple[str, ...]:
    """Return what another device on the same network may open, if the server listened there."""
    found: dict[str, None] = {}
    for address in (*_of_routes(), *_of_name()):
        if not ip_address(address).is_loopback:
            found[address] = None
    port = request.url.port
    suffix = f":{port}" if port else ""
    return tuple(f"{request.url.scheme}://{address}{suffix}" for address in found)


def _of_routes() -> tuple[str, ...]:
    """The address from which this machine would send something elsewhere."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(ELSEWHERE)
        except OSError:
            return ()
        name: str = probe.getsockname()[0]
        return (name,)


def _of_name() -> tuple[str, ...]:
    try:
        found = socket.gethostbyname_ex(socket.gethostname())
    except OSError:
        return ()
    return tuple(found[2])
