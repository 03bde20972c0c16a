"""What is durable, and nothing else is."""
