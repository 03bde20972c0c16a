"""The paths of the service: each module has the routes of one subject."""
