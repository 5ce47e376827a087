"""Fleets written down: read from YAML, JSON or Python, checked by line, and ordered from a service on its own rules."""
