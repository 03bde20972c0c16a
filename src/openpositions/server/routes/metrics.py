"""`GET /metrics`: how the service is doing, for Prometheus. Sums only: nothing of any user."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector

if TYPE_CHECKING:
    from collections.abc import Iterator

    from openpositions.server.service import Service


class _Collected(Collector):
    """Reads the service when it is asked, so that nothing is counted twice."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def collect(self) -> Iterator[Metric]:
        service = self._service
        yield CounterMetricFamily(
            "openpositions_entries", "Events made durable since the data directory was made.", service.book.sequence
        )
        yield GaugeMetricFamily("openpositions_connections", "Open WebSocket connections.", len(service.sockets))
        yield GaugeMetricFamily(
            "openpositions_events_waiting", "Events that wait for a commit.", service.pipeline.events_waiting
        )
        takes_events = service.pipeline.failure is None
        yield GaugeMetricFamily(
            "openpositions_takes_events", "1 while events are taken, 0 after a failure.", takes_events
        )


def routes(service: Service) -> list[web.RouteDef]:
    """The route of the metrics."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Collected(service))

    async def metrics(_: web.Request) -> web.Response:
        return web.Response(body=generate_latest(registry), headers={"Content-Type": CONTENT_TYPE_LATEST})

    return [web.get("/metrics", metrics)]
