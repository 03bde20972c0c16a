"""The accounting of event-contract positions.

Pure: no input or output, no clock, no randomness, no logging, no async. Everything here is a function of its arguments,
which is why a replay of the journal gives the same book, byte for byte.
"""
