"""Scenarios of a few lines."""

from openpositions.testing.scenario import PlannedScenario, parse

FILL = "fill: {user: alice, ticker: A-1, price: 0.40, count: 10}"


def scenario(*steps: str) -> PlannedScenario:
    """A scenario of these steps, which begin in line 3, each in lines of its own."""
    return parse("scenario: short\nsteps:\n" + "".join(f"  - {step}\n" for step in steps), "short.yaml")
