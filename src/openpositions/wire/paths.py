"""The paths that a service shares with the venue (protocol, 1 and 4)."""

SOCKET_PATH = "/trade-api/ws/v2"

REST_PATH = "/trade-api/v2"
"""What the paths of the reads begin with."""
