"""The way of an event: decide, append, install, publish. Nothing shows before it is durable."""
