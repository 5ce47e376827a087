"""The walk over many places: accounts, by profile, role or key, and regions."""
