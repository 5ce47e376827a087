"""What writes, draws, checks or builds something of this checkout; not shipped."""
