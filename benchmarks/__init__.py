"""The figures that skysail claims, each measured beside its peer in one interleaved run."""
