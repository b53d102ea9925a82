"""Builds container images out of files: no engine, no registry, equal input gives equal bytes."""
