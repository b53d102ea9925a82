package dev.heddle.smiadapter.state;

/**
 * A TCP port of a service.
 *
 * @param name the port's name, empty for the only port of a service
 * @param number the port clients connect to, 1 to 65535
 * @param protocol what is spoken on it
 */
public record ServicePort(String name, int number, Protocol protocol) {}
