"""`python -m openpositions` is the command `openpositions`."""

from openpositions.cli import app

app()
