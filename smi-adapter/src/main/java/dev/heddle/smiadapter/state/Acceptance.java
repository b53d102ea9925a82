package dev.heddle.smiadapter.state;

/**
 * Whether an object of a user is in force.
 *
 * @param accepted whether any of it is
 * @param reason why, in one word
 * @param message why, in a sentence or several
 * @param generation of the object, 0 where it has none
 */
public record Acceptance(boolean accepted, String reason, String message, long generation) {}
