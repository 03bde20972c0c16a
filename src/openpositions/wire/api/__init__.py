"""What is served, described for programs: OpenAPI and AsyncAPI."""
