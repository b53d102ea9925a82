package dev.heddle.crds.install;

import com.fasterxml.jackson.annotation.JsonInclude;
import org.jspecify.annotations.Nullable;

/**
 * A part of the mesh that runs as pods.
 *
 * @param name its name, which is that of its Deployment
 * @param readyReplicas pods that can serve, of any version
 * @param updatedReplicas pods of the newest version, ready or not
 * @param desiredReplicas pods that are wanted
 * @param version the tag of its image
 * @param message what keeps pods from being ready; absent when all are
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ComponentStatus(
    String name,
    int readyReplicas,
    int updatedReplicas,
    int desiredReplicas,
    @Nullable String version,
    @Nullable String message) {}
