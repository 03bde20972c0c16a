"""How examples are searched for."""

from hypothesis import settings

# A machine that is busy with other tests is no failure.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")
