package dev.heddle.smiadapter.state;

import org.jspecify.annotations.Nullable;

/**
 * An object of a user, as far as telling its user of it goes.
 *
 * @param reference what points at it
 * @param plural the kind's name in the plural, such as {@code trafficsplits}
 * @param generation of what it wants; 0 where it has none
 * @param statusServed whether its kind has a status that can be written
 * @param shown what its status says; null for nothing
 * @param since when that began to be so, as it is written there; null for never
 */
public record ObservedObject(
    ObjectReference reference,
    String plural,
    long generation,
    boolean statusServed,
    @Nullable Acceptance shown,
    @Nullable String since) {}
