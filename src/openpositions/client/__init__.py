"""The library that users import: positions followed without gaps, over however many connections that takes.

The protocol part (`follower`, `rows`, `records`, `totals`) is sans-I/O; `link` and `runner` are the shell around it.
"""
