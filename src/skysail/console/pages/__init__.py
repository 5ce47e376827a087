"""The pages, a module a kind: plain functions of a `Visit`."""
