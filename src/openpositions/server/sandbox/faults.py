"""The faults of a sandbox: which are active, and where each takes hold. What they look like to a client is its test.

They outlive a restart of the service: whoever runs it again passes the same faults.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from functools import partial
from typing import TYPE_CHECKING, Literal

from openpositions.errors import InvalidInput
from openpositions.server.auth import Authenticator, Caller, Denied
from openpositions.server.sandbox.relay import RelayProtocol
from openpositions.server.sandbox.traffic import Onlooker, Traffic
from openpositions.wire.ingest.fields import must_be
from openpositions.wire.sandbox import faults as wire
from openpositions.wire.sandbox.withholding import WithholdingSession

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from openpositions.server.service import Service
    from openpositions.wire.sandbox.faults import Fault

FAULTS_PATH = "/v1/faults"

_MOST_EXPIRED = 1_000

# A client under test may not be able to answer a close frame before the stop is over: its own thread waits for it.
_CLOSING_SECONDS = 0.2


class Faults:
    """The faults of one sandbox. All methods belong to the event loop of its service."""

    def __init__(self, onlooker: Onlooker | None = None) -> None:
        self.traffic = Traffic(onlooker)
        self.starts = 0
        """How often the service was started: one more after each restart."""
        self._restart = asyncio.Event()
        self.clock_skew_ms = 0
        self._rejections_left = 0
        self._rejection_status = 0
        self._expired: OrderedDict[wire.ExpireKey, None] = OrderedDict()
        self._dialect: Literal["2025", "2026", "both"] | None = None
        self._withheld: str | None = None

    def install(self, service: Service) -> None:
        """Puts the faults in their places in a service that was just made."""
        self._service = service
        self.starts += 1
        service.faults = self
        service.authenticator = _SkewedAuthenticator(service, self)
        service.sockets.make_session = partial(WithholdingSession, withheld=lambda: self._withheld)
        service.sockets.closing_seconds = _CLOSING_SECONDS
        self._speak(self._dialect)

    def protocol(self, make_reader: Callable[[], asyncio.Protocol]) -> asyncio.Protocol:
        """What handles a new connection of the public port, around what handled it without faults."""
        return RelayProtocol(make_reader(), self.traffic)

    def apply(self, faults: Iterable[Fault]) -> None:
        """Makes the faults, or raises InvalidInput and makes none of them."""
        faults = list(faults)
        for fault in faults:
            self._check(fault)
        for fault in faults:
            self._apply(fault)

    def active(self) -> list[Fault]:
        """What is still to be met, with counts as they are now; what happens at once is not here."""
        traffic = self.traffic
        active: list[Fault] = [
            wire.DropConnections(user_id=relay.user_id, after_bytes=relay.bytes_until_cut)
            for relay in traffic.sockets()
            if relay.bytes_until_cut is not None
        ]
        if self._rejections_left:
            active.append(wire.RejectHandshakes(count=self._rejections_left, status=self._rejection_status))
        if traffic.delay_seconds:
            active.append(wire.DelayFrames(ms=round(traffic.delay_seconds * 1000)))
        if traffic.duplicates_left:
            active.append(wire.DuplicateFrames(count=traffic.duplicates_left))
        if traffic.reorders_left:
            active.append(wire.ReorderFrames(count=traffic.reorders_left))
        if traffic.paused:
            active.append(wire.Pause())
        if self.clock_skew_ms:
            active.append(wire.ClockSkew(ms=self.clock_skew_ms))
        active.extend(self._expired)
        if self._dialect is not None:
            active.append(wire.SpeakDialect(wire=self._dialect))
        if self._withheld is not None:
            active.append(wire.UnknownChannel(channel=self._withheld))
        return active

    def clear(self) -> None:
        """Ends all of them; frames that are held leave."""
        self.traffic.clear()
        self.clock_skew_ms = self._rejections_left = 0
        self._expired.clear()
        self._withheld = None
        self._speak(None)

    async def until_restart(self, stop: asyncio.Event) -> bool:
        """Waits until the service is to stop; whether it is to start again then, or was told to stop for good."""
        waiting = [asyncio.create_task(event.wait()) for event in (stop, self._restart)]
        try:
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in waiting:
                task.cancel()
        self._restart.clear()
        return not stop.is_set()

    def take_rejection(self) -> int | None:
        """The status that one more handshake is refused with; None when it is not."""
        if not self._rejections_left:
            return None
        self._rejections_left -= 1
        return self._rejection_status

    def has_expired(self, caller: Caller) -> bool:
        """Whether the key of a caller is to be answered as expired."""
        return any(one.key_id == caller.key_id or one.user_id == caller.user_id for one in self._expired)

    def _check(self, fault: Fault) -> None:
        if not isinstance(fault, wire.ExpireKey):
            return
        if fault.key_id is not None and self._service.keys.get(fault.key_id) is None:
            raise must_be("key_id", "the id of a key of this service", fault.key_id)
        if len(self._expired) >= _MOST_EXPIRED and fault not in self._expired:
            raise InvalidInput("fault", f"{_MOST_EXPIRED} keys are expired already; DELETE {FAULTS_PATH} ends that")

    def _apply(self, fault: Fault) -> None:
        traffic = self.traffic
        match fault:
            case wire.DropConnections():
                for relay in traffic.sockets(fault.user_id):
                    if fault.close_code is None:
                        relay.cut(fault.after_bytes)
                    else:
                        relay.close_with(fault.close_code)
            case wire.RejectHandshakes():
                self._rejections_left, self._rejection_status = fault.count, fault.status
            case wire.DelayFrames():
                traffic.delay(fault.ms / 1000)
            case wire.DuplicateFrames():
                traffic.duplicates_left = fault.count
            case wire.ReorderFrames():
                traffic.reorder(fault.count)
            case wire.Pause():
                traffic.pause()
            case wire.Resume():
                traffic.resume()
            case _:
                self._apply_to_service(fault)

    def _apply_to_service(self, fault: Fault) -> None:
        match fault:
            case wire.ClockSkew():
                self.clock_skew_ms = fault.ms
            case wire.ExpireKey():
                self._expired[fault] = None
            case wire.SpeakDialect():
                self._speak(fault.wire)
            case wire.UnknownChannel():
                self._withheld = fault.channel
            case wire.Restart():
                self._restart.set()

    def _speak(self, dialect: Literal["2025", "2026", "both"] | None) -> None:
        self._dialect = dialect
        self._service.sockets.wire = dialect or self._service.settings.wire


class _SkewedAuthenticator(Authenticator):
    """Holds timestamps against a clock that is off; not those of requests about faults, or none could end it."""

    def __init__(self, service: Service, faults: Faults) -> None:
        super().__init__(service.keys, service.settings.timestamp_window_ms)
        self._faults = faults

    def authenticate(self, headers: Mapping[str, str], method: str, path: str, now_ms: int) -> Caller | Denied:
        exempt = path.partition("?")[0] == FAULTS_PATH
        return super().authenticate(headers, method, path, now_ms + (0 if exempt else self._faults.clock_skew_ms))
