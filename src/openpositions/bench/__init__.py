"""The benchmarks of `openpositions bench`: the real service in a process of its own, beside each figure its floor."""
