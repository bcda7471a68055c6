"""Builds the app from its parts, and manages what lives as long as it does."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import partial
from math import inf
from threading import Event
from typing import Any

from anyio import CapacityLimiter
from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.datastructures import State
from starlette.middleware import Middleware
from starlette.routing import Mount

from app.classroom.classroom import Classroom
from app.sessions.capacity import Capacity
from app.sessions.owners import Owners
from app.sessions.rate_limits import RateLimits
from app.sessions.service import Sessions
from app.sessions.stores.base import Store, StoreUnavailable, open_store
from app.sessions.stores.instrumented import InstrumentedStore
from app.settings import Settings
from app.view.rendering.urls import serve_under, url
from app.view.screen.preparation import prepare_first_steps
from app.web.api import (
    analyses,
    derivations,
    diagnoses,
    exports,
    health,
    networks,
    openapi,
    sessions,
    time_travel,
)
from app.web.api.exercises import exercise_texts, sheets, workings
from app.web.api.lectures import lecture_script, lecturer, live
from app.web.classroom import (
    answer_summary,
    embed_page,
    following,
    lecturing,
    presenting,
    script_page,
    scripts,
)
from app.web.exercises import exercise_page, practice_page, sheets_page, working_page
from app.web.http import problems, security
from app.web.http.compression import CompressionMiddleware
from app.web.http.metrics import Metrics
from app.web.http.middleware import (
    BasePathMiddleware,
    BodyLimitMiddleware,
    OriginMiddleware,
    RequestContextMiddleware,
)
from app.web.http.rate_limiting import RateLimitMiddleware
from app.web.http.static_files import HashedStaticFiles
from app.web.pages import (
    api_docs,
    builder,
    comparison_page,
    export_import,
    layout,
    my_networks,
    simulator,
)
from app.web.pages.network_routes import NetworkRoutes

VERSION = "0.1.0"

# A new router or page is one entry here; the order is that of the API's description, and of the
# search for a route.
APIS = (
    *(sessions, networks, derivations, diagnoses, analyses, time_travel, lecture_script, exports),
    *(exercise_texts, workings, sheets, lecturer, live, health),
)
PAGES = (
    *(simulator, export_import, builder, comparison_page, my_networks, api_docs),
    *(scripts, presenting, lecturing, answer_summary, following, script_page, embed_page),
    *(exercise_page, working_page, practice_page, sheets_page),
)

log = logging.getLogger(__name__)


class AppState(State):
    """What lives as long as the app, as usual attributes.

    Starlette's own state looks each one up in a dictionary, after Python has not found it: 0.7 µs
    instead of 0.1, and a step asks for five.
    """

    def __setattr__(self, name: str, value: Any) -> None:
        object.__setattr__(self, name, value)


def create_app(settings: Settings | None = None) -> Starlette:
    """Return an app that serves the page and the API. It opens its store when it starts.

    The settings come from the environment by default.
    """
    settings = Settings() if settings is None else settings
    serve_under(settings.base_path)
    metrics = Metrics(VERSION)
    stopping = Event()
    assets = HashedStaticFiles(settings.static)
    of_networks = [route for page in PAGES for route in getattr(page, "network_routes", ())]
    pages = [NetworkRoutes(of_networks), *(route for page in PAGES for route in page.routes)]
    app = Starlette(
        routes=[*pages, Mount("/static", assets)],
        lifespan=lifespan,
        middleware=[
            Middleware(
                RequestContextMiddleware,
                headers=security.headers(settings),
                headers_in_frames=security.headers(settings, settings.frame_ancestors),
                metrics=metrics,
                stopping=stopping,
                trusted=settings.trusted_proxies,
            ),
            *([Middleware(BasePathMiddleware, settings.base_path)] if settings.base_path else ()),
            Middleware(CompressionMiddleware),
            Middleware(RateLimitMiddleware),
            Middleware(OriginMiddleware, allowed_hosts=settings.allowed_hosts),
            Middleware(BodyLimitMiddleware, patience=settings.request_seconds),
        ],
    )
    app.state = AppState()
    app.state.settings = settings
    app.state.metrics = metrics
    app.state.stopping = stopping
    app.state.assets = assets
    app.state.error_page = layout.problem_page
    app.state.api = api = create_api(settings)
    api.state = app.state
    # Not a Mount at "/", which would also match wrong methods of the page's paths.
    app.router.default = api
    app.router.redirect_slashes = False
    problems.install(app)
    problems.install(api)
    return app


def create_api(settings: Settings) -> FastAPI:
    """Return the API, and the routes for operators, without a state of its own."""
    api = FastAPI(
        title="Backstep",
        version=VERSION,
        description=openapi.DESCRIPTION,
        servers=[{"url": settings.base_path}] if settings.base_path else None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        # Each would be checked at every request.
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    openapi.complete(api)
    for each in APIS:
        # `include_router` would build each route once more, with prefixes and dependencies that none
        # has: 23 ms at the first request.
        api.router.routes.extend(each.router.routes)
    return api


class CannotStart(Exception):
    """A setting is unusable; the message names it and the reason."""


async def try_out(settings: Settings) -> None:
    """Try the settings of the store and the secret. Raises CannotStart.

    An unreachable Redis is not an error: it may start later.
    """
    try:
        store = await open_store(settings.store_url)
    except (StoreUnavailable, ValueError) as error:
        raise CannotStart(f"BACKSTEP_STORE_URL: {error}") from error
    await store.close()
    try:
        security.load_secret(settings)
    except OSError as error:
        raise CannotStart(
            f"BACKSTEP_STORE_URL: cannot store a secret beside the database, and BACKSTEP_SECRET is "
            f"not set: {error}"
        ) from error


@asynccontextmanager
async def lifespan(app: Starlette) -> AsyncIterator[None]:
    """Keep the store open, and sweep it regularly, while the server runs; prepare the first steps."""
    settings: Settings = app.state.settings
    assets: HashedStaticFiles = app.state.assets
    assets.prepare()
    app.state.signer = security.signer(security.load_secret(settings))
    metrics: Metrics = app.state.metrics
    opened = await open_store(settings.store_url)
    await say_if_unavailable(opened)
    store = InstrumentedStore(opened, metrics.store_failed)
    app.state.store = store
    rate_limits = RateLimits.open(
        settings.store_url,
        client=settings.client_requests,
        session=settings.session_requests,
        begun=settings.client_sessions,
        guesses=settings.code_guesses,
    )
    app.state.rate_limits = rate_limits
    app.state.checking, app.state.writing = CapacityLimiter(1), CapacityLimiter(1)
    app.state.trainings = {}
    capacity = Capacity(store, settings.most_sessions)
    app.state.sessions = Sessions(
        store,
        settings.session_ttl,
        capacity,
        rate_limits.session,
        settings.change_seconds or inf,
    )
    app.state.classroom = classroom = Classroom.open(
        settings.store_url,
        store,
        app.state.sessions,
        security.load_secret(settings),
        settings.session_ttl,
    )
    app.state.owners = Owners(store, app.state.sessions, settings.session_ttl, capacity)
    tasks = (
        asyncio.create_task(sweep_forever(store, settings.sweep_every)),
        asyncio.create_task(prepare_first_steps(partial(add_dictionary, assets))),
        asyncio.create_task(classroom.keep()),
    )
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        await rate_limits.close()
        await store.close()


def add_dictionary(assets: HashedStaticFiles, language: str, content: bytes) -> None:
    """Serve the dictionary for answers in a language, and compress them with it."""
    assets.add_dictionary(layout.dictionary_name(language), content, url("/*"))


async def say_if_unavailable(store: Store) -> None:
    """Log a warning if the store is unreachable when the server starts."""
    try:
        await store.check()
    except StoreUnavailable as error:
        log.warning("BACKSTEP_STORE_URL: the store does not answer yet: %s", error)


async def sweep_forever(store: Store, pause: float) -> None:
    """Delete expired sessions every `pause` seconds, and go on if the store is unavailable."""
    while True:
        await asyncio.sleep(pause)
        try:
            swept = await store.sweep()
        except StoreUnavailable as error:
            log.warning("expired sessions not swept: %s", error)
        else:
            log.info("%d expired sessions swept", swept)
