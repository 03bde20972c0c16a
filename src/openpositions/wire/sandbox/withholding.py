"""A session of a service that does not have one of the channels: what a client of another version of it meets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from openpositions.wire.socket.commands import Subscribe, decode_envelope, parse_command
from openpositions.wire.socket.errors import CommandError, ErrorCode, error_frame
from openpositions.wire.socket.session import Access, Output, Session

if TYPE_CHECKING:
    from collections.abc import Callable

    from openpositions.core.book import Book


class WithholdingSession(Session):
    """Answers a subscription to a channel that is withheld as one to a channel that never was (protocol, 2, error 8).

    `withheld` tells the channel at the moment, or None. A subscription that is open already goes on.
    """

    def __init__(self, access: Access, book: Book, epoch: str, withheld: Callable[[], str | None]) -> None:
        super().__init__(access, book, epoch)
        self._withheld = withheld

    def receive(self, message: str | bytes) -> list[Output]:
        """Carries out a command, or none of it; its replies, and the rows it asked for."""
        withheld = self._withheld()
        if withheld is not None:
            try:
                command_id, fields = decode_envelope(message)
                command = parse_command(fields)
            except CommandError:
                return super().receive(message)
            if isinstance(command, Subscribe) and withheld in command.channels:
                return [error_frame(ErrorCode.UNKNOWN_CHANNEL, command_id, detail=f"{withheld!r} is not served")]
        return super().receive(message)
