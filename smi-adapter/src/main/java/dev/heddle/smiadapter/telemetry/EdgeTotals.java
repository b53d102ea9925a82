package dev.heddle.smiadapter.telemetry;

/** What happened on an edge within a span of time. */
public record EdgeTotals(Edge edge, Counts counts) {}
