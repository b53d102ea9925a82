package dev.heddle.dataplane.config;

/** Which way a listener's traffic flows, seen from the workload. */
public enum TrafficDirection {
  INBOUND,
  OUTBOUND,
  UNSPECIFIED
}
