"""`python -m app` serves Backstep at the address that HOST and PORT name."""

import gc
import sys

import uvicorn
from pydantic import ValidationError

from app.settings import Settings


def main() -> None:
    try:
        settings = Settings()
    except ValidationError as error:
        sys.exit(f"Backstep cannot start: {error}")
    # A page makes hundreds of short-lived strings, and no cycles: collecting at every request, as
    # the default has it, costs a tenth of it.
    gc.set_threshold(50_000, 20, 20)
    uvicorn.run(
        "app.main:create_app",
        factory=True,
        host=settings.host,
        port=settings.port,
        timeout_graceful_shutdown=2,  # seconds; an open stream would hold the server up for good
        server_header=False,
        access_log=False,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=settings.trusted_proxies or None,
    )


if __name__ == "__main__":
    main()
