"""The crash harness: servers that are killed under load, and whether all that they answered is still there."""
