"""The addresses at which other devices can reach this machine."""

import asyncio
import socket
from contextlib import suppress
from ipaddress import ip_address

from starlette.requests import Request

ELSEWHERE = ("10.255.255.255", 1)  # any address outside: nothing is sent to it
PATIENCE = (
    0.5  # seconds for the name of this machine, which a broken resolver may take long to find
)


async def reachable_addresses(request: Request) -> tuple[str, ...]:
    """Return what another device on the same network may open, if the server listened there."""
    found = dict.fromkeys((*_of_route(), *await _of_name()))
    port = request.url.port
    suffix = f":{port}" if port else ""
    return tuple(
        f"{request.url.scheme}://{address}{suffix}"
        for address in found
        if not ip_address(address).is_loopback
    )


def _of_route() -> tuple[str, ...]:
    """The address from which this machine would send something elsewhere."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(ELSEWHERE)
        except OSError:
            return ()
        name: str = probe.getsockname()[0]
        return (name,)


async def _of_name() -> tuple[str, ...]:
    """The addresses of this machine's name, which are looked up on a thread."""
    with suppress(OSError, TimeoutError):
        async with asyncio.timeout(PATIENCE):
            loop = asyncio.get_running_loop()
            found = await loop.getaddrinfo(socket.gethostname(), None, family=socket.AF_INET)
            return tuple(str(address[0]) for *_, address in found)
    return ()
