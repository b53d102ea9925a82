"""Heddle's proxy beside stock Envoy and HAProxy: the same work on the same machine, in turns."""
