"""Bytes to meaning and back. Sans-I/O: knows the protocol, no sockets and no clock."""
