package dev.heddle.smiadapter.telemetry;

import dev.heddle.smiadapter.state.ObjectName;
import org.jspecify.annotations.Nullable;

/**
 * Requests between two ends in one direction, as one of them saw it.
 *
 * @param side on which side the reporter is
 * @param reporter the pod whose proxy measured
 * @param peer the other end, as the reporter says
 * @param service at the client: whose endpoints got the requests, of a split the backend; null
 *     where not known
 * @param apex at the client: the service that was meant, of a split its apex; null where not known
 */
public record Edge(
    Side side,
    Party reporter,
    Party peer,
    @Nullable ObjectName service,
    @Nullable ObjectName apex) {}
