package dev.heddle.smiadapter.state;

/**
 * Requests to which a split is limited.
 *
 * @param group a route group, any condition of which a request has to fulfil
 * @param field where the user named it, for messages, such as {@code spec.matches[0]}
 */
public record SplitCondition(ObjectName group, String field) {}
