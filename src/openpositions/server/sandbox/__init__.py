"""What only a sandbox has: faults on demand."""
