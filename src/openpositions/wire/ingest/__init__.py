"""What is fed in: bodies of events in the form of the venue's own frames, to core events."""
