"""The service on one port: routes, sockets, keys and settings. It decides nothing of the protocol or the accounting."""
