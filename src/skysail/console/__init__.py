"""The web console of `skysail serve`: pages made here, of what a `Client` says of the service beside it."""
