"""The library that users import: positions followed without gaps, over however many connections that takes.

What a service says and what follows from it is sans-I/O: `follower` with `news`, `messages`, `rows` and
`portfolio_message`, and of services without extensions `unnumbered` and `settling`; `consolidation` with `holdings` and
`exact`; `records`, `refusals`, `arguments` and `backoff`. Around it, `link` and `runner` do the I/O of sockets, `reads`
and `seeding` that of REST, and `one_loop` sees to it that all of it stays in one event loop.
"""
