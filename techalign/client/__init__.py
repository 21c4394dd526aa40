"""A client: its folder, its profile and its checked tables."""
