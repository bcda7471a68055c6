"""What the server counts and times, for Prometheus.

Each app has a registry of its own. What is touched at every request is looked up once for each
combination of its labels and kept: an observation is then well under a microsecond.
"""

import platform
from collections.abc import Callable, Iterable, Iterator
from time import perf_counter

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Histogram,
    Info,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import Scope

from app.sessions.service import Change, Outcome
from app.sessions.stores.base import Store, StoreUnavailable
from app.simulation.simulation import Simulation
from app.web.http.problems import METHODS

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
NO_ROUTE = "none"

# Seconds. A step is answered in 0.0003; computing it takes a tenth of that, drawing it a half.
REQUEST_BUCKETS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5)
CHANGE_BUCKETS = (0.000025, 0.0001, 0.0005, 0.0025, 0.01, 0.05, 0.25, 1, 5)
RENDER_BUCKETS = (0.0001, 0.0002, 0.0005, 0.001, 0.0025, 0.01, 0.05, 0.25)


class Metrics(Collector):
    """The figures of one app; itself the collector of those that are only known when asked for."""

    def __init__(self, version: str) -> None:
        self.registry = registry = CollectorRegistry()
        self.sessions: int | None = None  # kept in the store; None where it did not say
        self._requests = Counter(
            "backstep_requests",
            "Requests answered.",
            ("method", "route", "status"),
            registry=registry,
        )
        self._durations = Histogram(
            "backstep_request_duration_seconds",
            "From a request's head to the end of its answer.",
            ("route",),
            buckets=REQUEST_BUCKETS,
            registry=registry,
        )
        self._changes = Histogram(
            "backstep_change_seconds",
            "Computing one change of a simulation.",
            ("change",),
            buckets=CHANGE_BUCKETS,
            registry=registry,
        )
        self._renders = Histogram(
            "backstep_render_seconds",
            "Drawing the region of the page that changes.",
            buckets=RENDER_BUCKETS,
            registry=registry,
        )
        self._store_errors = Counter(
            "backstep_store_errors",
            "Calls of the store that it could not answer.",
            ("operation",),
            registry=registry,
        )
        build = Info("backstep_build", "What is running.", registry=registry)
        build.info({"version": version, "python": platform.python_version()})
        ProcessCollector(registry=registry)
        registry.register(self)
        self._answered: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}
        self._changed: dict[str, Histogram] = {}
        self._paths: frozenset[str] = frozenset()
        self._endpoints: dict[object, str] = {}

    def collect(self) -> Iterable[Metric]:
        """The sessions kept; nothing at all where the store has not said how many."""
        gauge = GaugeMetricFamily("backstep_sessions", "Sessions kept in the store.")
        if self.sessions is not None:
            gauge.add_metric((), self.sessions)
        yield gauge

    def know(self, routes: Iterable[BaseRoute]) -> None:
        """The routes that do not leave their template in the scope, as FastAPI's do."""
        routes = tuple(routes)
        self._paths = frozenset(
            r.path for r in routes if isinstance(r, Route) and "{" not in r.path
        )
        with_parameters = (r for r in routes if type(r) is Route and "{" in r.path)
        self._endpoints = {r.endpoint: r.path for r in with_parameters}
        self._endpoints.update({r.app: r.path for r in routes if isinstance(r, Mount)})

    def template(self, scope: Scope) -> str:
        """The template of the route that has answered: never a path, which may hold an id."""
        path: str = scope["path"]
        if path in self._paths:
            return path
        route = scope.get("route")
        if route is None:
            return self._endpoints.get(scope.get("endpoint"), NO_ROUTE)
        template: str = route.path
        return template

    def answered(self, method: str, template: str, status: int, seconds: float) -> None:
        """A request has been answered."""
        key = method, template, status
        known = self._answered.get(key)
        if known is None:
            known = self._answered[key] = self._resolved(*key)
        known[0].inc()
        known[1].observe(seconds)

    def _resolved(self, method: str, template: str, status: int) -> tuple[Counter, Histogram]:
        named = method if method in METHODS else "other"
        counter = self._requests.labels(named, template, str(status))
        return counter, self._durations.labels(template)

    def timing(self, name: str, change: Change) -> Change:
        """The same change, timed under its name; of a long one, its own slices alone."""
        histogram = self._changed.get(name)
        if histogram is None:
            histogram = self._changed[name] = self._changes.labels(name)
        observe = histogram.observe

        def timed(simulation: Simulation) -> Outcome:
            begun = perf_counter()
            outcome = change(simulation)
            if not isinstance(outcome, Simulation):
                return _slices(outcome, observe)
            observe(perf_counter() - begun)
            return outcome

        return timed

    def drawn(self, seconds: float) -> None:
        """A region has been drawn."""
        self._renders.observe(seconds)

    def store_failed(self, operation: str) -> None:
        """The store could not answer."""
        self._store_errors.labels(operation).inc()

    async def text(self, store: Store) -> bytes:
        """All of it, as Prometheus reads it. A store that is away costs only its own figure."""
        try:
            self.sessions = await store.count()
        except StoreUnavailable:
            self.sessions = None
        return generate_latest(self.registry)


def _slices(slices: Iterator[Simulation], observe: Callable[[float], None]) -> Iterator[Simulation]:
    spent = 0.0
    while True:
        begun = perf_counter()
        following = next(slices, None)
        spent += perf_counter() - begun
        if following is None:
            break
        yield following
    observe(spent)
