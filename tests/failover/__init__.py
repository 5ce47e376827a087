"""Failover for real: a PostgreSQL primary that dies under load, its standby in its place, and what clients see."""
