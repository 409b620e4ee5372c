"""Figures for Prometheus: requests by route, and what waits in the inbox. No label names a person.

The web server is several processes; each counts into files of a shared folder, and whichever is asked
adds them up (the library's multiprocess mode, see `environment.share_figures`).
"""

from collections.abc import Iterator

from django.db import connection
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

REQUESTS = Counter("veche_requests", "Requests answered.", ["route", "method", "status"])
SECONDS = Histogram(
    "veche_request_seconds",
    "Seconds from a request to its answer.",
    ["route"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 1, 2, 5, 10),
)

#: Figure: what it says. Read from the database when asked, over all tenants, as numbers only.
_STANDING = {
    "veche_appeals": "Appeals taken, in all.",
    "veche_pending_appeals": "Appeals that wait to be understood.",
    "veche_pending_oldest_seconds": "Seconds that the oldest of them has waited.",
    "veche_aside_appeals": "Appeals that were set aside.",
}


def exposition() -> bytes:
    """Return all figures in Prometheus' text format."""
    registry = CollectorRegistry()
    MultiProcessCollector(registry)
    registry.register(_Standing())
    return generate_latest(registry)


class _Standing(Collector):
    """Reads the figures of the database anew each time; no process keeps any of them."""

    def collect(self) -> Iterator[Metric]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT appeals, pending, oldest_seconds, aside FROM veche_standing()")
            row = cursor.fetchone()
        assert row is not None
        for (name, meaning), value in zip(_STANDING.items(), row, strict=True):
            yield GaugeMetricFamily(name, meaning, value=float(value))
