"""Copies of accounts in local stores, and what differs between two: by Get operations alone."""
