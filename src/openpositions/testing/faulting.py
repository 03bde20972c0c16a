"""The faults of a sandbox, as methods: each returns when the fault is in its place."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

from openpositions.testing.arguments import to_ms

if TYPE_CHECKING:
    from collections.abc import Mapping


class Faulting(ABC):
    """What may go wrong between a service and its clients. Bad arguments raise InvalidInput and change nothing."""

    @abstractmethod
    def make_faults(self, *faults: Mapping[str, Any]) -> None:
        """Makes faults, in the form that `POST /v1/faults` takes; all of them or none."""

    @property
    @abstractmethod
    def faults(self) -> list[dict[str, Any]]:
        """Those that are active, as `GET /v1/faults` lists them."""

    @abstractmethod
    def clear_faults(self) -> None:
        """Ends all of them; frames that are held leave."""

    @abstractmethod
    def restart(self) -> None:
        """Stops the service as planned (close code 1012) and starts it on the same data and port; returns then."""

    def drop_connections(
        self, user: str | None = None, *, close_code: int | None = None, after_bytes: int | None = None
    ) -> None:
        """Ends the connections of a user, or all: with a close frame, or cut, at once or after so many bytes more."""
        self._make("drop_connections", user_id=user, close_code=close_code, after_bytes=after_bytes)

    def reject_handshakes(self, count: int = 1, status: int = 503) -> None:
        """Answers the next handshakes with a status instead of a socket."""
        self._make("reject_handshakes", count=count, status=status)

    def delay(self, seconds: float) -> None:
        """Every frame leaves so much later; 0 ends it."""
        self._make("delay_frames", ms=to_ms(seconds))

    def duplicate_frames(self, count: int = 1) -> None:
        """Sends the next messages twice."""
        self._make("duplicate_frames", count=count)

    def reorder_frames(self, count: int = 2) -> None:
        """Holds the next messages until all of them are there, and sends them in reverse order."""
        self._make("reorder_frames", count=count)

    def pause(self) -> None:
        """Writes nothing to any socket until `resume`."""
        self._make("pause")

    def resume(self) -> None:
        """Ends a pause."""
        self._make("resume")

    def skew_clock(self, seconds: float) -> None:
        """Puts the clock that timestamps are held against ahead by so much; 0 ends it."""
        self._make("clock_skew", ms=to_ms(seconds))

    def expire_key(self, *, user: str | None = None, key_id: str | None = None) -> None:
        """Answers a key, or every key of a user, as expired."""
        self._make(
            "expire_key",
            **({} if user is None else {"user_id": user}),
            **({} if key_id is None else {"key_id": key_id}),
        )

    def speak(self, wire: str) -> None:
        """The dialect of connections opened from now on that name none: 2025, 2026 or both."""
        self._make("dialect", wire=wire)

    def withhold_channel(self, channel: str | None) -> None:
        """Answers a subscription to a channel with error 8, unknown channel; None ends it."""
        self._make("unknown_channel", channel=channel)

    def _make(self, fault: str, **fields: object) -> None:
        self.make_faults({"fault": fault, **fields})
