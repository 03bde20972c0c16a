"""Real-time positions for prediction markets: fills go in, exact positions come out, live."""

from importlib.metadata import version

__all__ = ["__version__"]

__version__ = version("openpositions")
