"""For trying things out: a sandbox of the real service, its pytest plugin, and a simulated market."""
