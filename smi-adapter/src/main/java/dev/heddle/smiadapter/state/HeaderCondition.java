package dev.heddle.smiadapter.state;

/**
 * A header that a request has to have.
 *
 * @param name its name, lower case
 * @param value what its value is like; several of one name count as one, joined by commas
 */
public record HeaderCondition(String name, TextCondition value) {}
