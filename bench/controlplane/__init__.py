"""What the control plane costs in a cluster of many services and proxies, and how fast it is there."""
