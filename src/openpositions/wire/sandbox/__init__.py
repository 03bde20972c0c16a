"""What a sandbox does to frames on their way."""
