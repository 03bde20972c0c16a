"""The benchmarks behind `openpositions bench`: the real service as a process of its own, and beside each figure its floor."""
