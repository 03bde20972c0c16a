"""For trying things out: a simulated market."""
