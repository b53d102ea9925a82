package dev.heddle.crds.specs.v1alpha3;

/** Nothing: every port is meant. */
public record TcpRouteSpec() {}
