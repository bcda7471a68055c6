"""Metrics for Prometheus.

Each app has its own registry. The metrics used by every request are looked up once per combination
of labels and cached, and durations have histograms of our own.
"""

import platform
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from time import perf_counter

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Info,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from starlette.types import Scope

from app.sessions.service import Change, Outcome
from app.sessions.stores.base import Store, StoreUnavailable
from app.simulation.simulation import Simulation
from app.web.http.durations import DurationHistogram, Durations
from app.web.http.problems import METHODS

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
NO_ROUTE = "none"

# Seconds. A step is answered in 0.0003. Computing takes a tenth of that, rendering a half.
REQUEST_BUCKETS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5)
CHANGE_BUCKETS = (0.000025, 0.0001, 0.0005, 0.0025, 0.01, 0.05, 0.25, 1, 5)
RENDER_BUCKETS = (0.0001, 0.0002, 0.0005, 0.001, 0.0025, 0.01, 0.05, 0.25)


class Metrics(Collector):
    """The metrics of one app. It is also the collector of those read on demand."""

    def __init__(self, version: str) -> None:
        self.registry = registry = CollectorRegistry()
        self.sessions: int | None = None  # None: the store is unavailable
        self._requests = Counter(
            "backstep_requests",
            "Requests answered.",
            ("method", "route", "status"),
            registry=registry,
        )
        self._durations = DurationHistogram(
            "backstep_request_duration_seconds",
            "From a request's head to the end of its answer.",
            REQUEST_BUCKETS,
            "route",
        )
        self._changes = DurationHistogram(
            "backstep_change_seconds",
            "Computing one change of a simulation.",
            CHANGE_BUCKETS,
            "change",
        )
        renders = DurationHistogram(
            "backstep_render_seconds",
            "Drawing the region of the page that changes.",
            RENDER_BUCKETS,
        )
        self._renders = renders.of()
        for histogram in (self._durations, self._changes, renders):
            registry.register(histogram)
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
        self._request_metrics = cache(self._uncached_request_metrics)

    def collect(self) -> Iterable[Metric]:
        """Yield the number of sessions, without a value if the store is unavailable."""
        gauge = GaugeMetricFamily(
            "backstep_sessions",
            "Records kept in the store: sessions, and the lists of their owners.",
        )
        if self.sessions is not None:
            gauge.add_metric((), self.sessions)
        yield gauge

    @staticmethod
    def template(scope: Scope) -> str:
        """Return the path template of the request's route. It never contains an id."""
        route = scope.get("route")
        return NO_ROUTE if route is None else str(route.path)

    def record_request(self, method: str, template: str, status: int, seconds: float) -> None:
        counter, durations = self._request_metrics(method, template, status)
        counter.inc()
        durations.observe(seconds)

    def _uncached_request_metrics(
        self, method: str, template: str, status: int
    ) -> tuple[Counter, Durations]:
        name = method if method in METHODS else "other"
        counter = self._requests.labels(name, template, str(status))
        return counter, self._durations.of(template)

    def timing(self, name: str, change: Change) -> Change:
        """Wrap a change to time it under its name. Of a long change, only its slices count."""
        observe = self._changes.of(name).observe

        def timed(simulation: Simulation) -> Outcome:
            started = perf_counter()
            outcome = change(simulation)
            if not isinstance(outcome, Simulation):
                return _time_slices(outcome, observe)
            observe(perf_counter() - started)
            return outcome

        return timed

    def record_render(self, seconds: float) -> None:
        self._renders.observe(seconds)

    def store_failed(self, operation: str) -> None:
        self._store_errors.labels(operation).inc()

    async def text(self, store: Store) -> bytes:
        """Return all metrics in Prometheus's text format."""
        try:
            self.sessions = await store.count()
        except StoreUnavailable:
            self.sessions = None
        return generate_latest(self.registry)


def _time_slices(
    slices: Iterator[Simulation], observe: Callable[[float], None]
) -> Iterator[Simulation]:
    seconds = 0.0
    while True:
        started = perf_counter()
        simulation = next(slices, None)
        seconds += perf_counter() - started
        if simulation is None:
            break
        yield simulation
    observe(seconds)
