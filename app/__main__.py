"""`python -m app` serves Backstep on HOST and PORT."""

import asyncio
import gc
import sys

import uvicorn
from pydantic import ValidationError

from app import logs
from app.main import CannotStart, create_app, try_out
from app.settings import Settings
from app.shutdown import Server
from app.web.http.server import LimitedProtocol

MOST_FILES = 65_536  # open at once, if the system allows it


def main() -> None:
    try:
        settings = Settings()
    except ValidationError as error:
        sys.exit(f"Backstep cannot start: {refusal(error)}")
    try:
        asyncio.run(try_out(settings))
    except CannotStart as error:
        sys.exit(f"Backstep cannot start: {error}")
    logs.configure(settings)
    # A page creates hundreds of short-lived strings but no cycles. With the default thresholds,
    # garbage collection takes a tenth of each request.
    gc.set_threshold(50_000, 20, 20)
    raise_file_limit()
    LimitedProtocol.settings = settings
    app = create_app(settings)
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        http=LimitedProtocol,
        ws="none",
        timeout_keep_alive=settings.keep_alive,
        timeout_graceful_shutdown=2,  # seconds; an open stream would block it forever
        server_header=False,
        access_log=False,
        log_config=None,  # see logs.configure
        proxy_headers=False,  # the app handles them, and knows its trusted proxies
    )
    server = Server(config, app.state.stopping, settings.drain)
    server.run()
    if not server.started:
        sys.exit(uvicorn.config.STARTUP_FAILURE)


def refusal(error: ValidationError) -> str:
    """Return in one line which settings are refused, and why."""
    prefix = Settings.model_config["env_prefix"]

    def of(name: str) -> str:
        return name if name.isupper() else f"{prefix}{name.upper()}"

    return "; ".join(
        ": ".join(
            (*(of(str(part)) for part in each["loc"]), each["msg"].removeprefix("Value error, "))
        )
        for each in error.errors()
    )


def raise_file_limit() -> None:
    """Let this process open more files: the usual 1,024 are too few for a lecture hall."""
    if sys.platform == "win32":
        return
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_FILES if hard == resource.RLIM_INFINITY else min(hard, MOST_FILES)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


if __name__ == "__main__":
    main()
