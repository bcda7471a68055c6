"""`python -m app` serves Backstep at the address that HOST and PORT name."""

import gc

import uvicorn

from app.settings import Settings
from app.web.server import make_room_for_connections, protocol


def main() -> None:
    settings = Settings()
    # A page makes hundreds of short-lived strings, and no cycles: collecting at every request, as
    # the default has it, costs a tenth of it.
    gc.set_threshold(50_000, 20, 20)
    make_room_for_connections()
    uvicorn.run(
        "app.main:create_app",
        factory=True,
        host=settings.host,
        port=settings.port,
        http=protocol(settings),
        ws="none",
        timeout_keep_alive=settings.keep_alive,
        timeout_graceful_shutdown=2,  # seconds; an open stream would hold the server up for good
        server_header=False,
        access_log=False,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=settings.trusted_proxies or None,
    )


if __name__ == "__main__":
    main()
