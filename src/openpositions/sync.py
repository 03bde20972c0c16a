"""The client library for programs without asyncio.

    from openpositions.sync import Client

It has the methods of `openpositions.Client`; each waits. A thread of its own keeps everything current meanwhile.
"""

from openpositions.client.blocking import Client, Portfolio, PositionStream

__all__ = ["Client", "Portfolio", "PositionStream"]
