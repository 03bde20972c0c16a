"""How examples are searched for."""

from hypothesis import settings

# A machine that is busy with other tests is no failure. Each example is a history of dozens of events, so fewer do.
settings.register_profile("patient", deadline=None, max_examples=50)
settings.load_profile("patient")
