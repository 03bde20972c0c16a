"""The reads: what their parameters may say, and the bodies that answer them."""
