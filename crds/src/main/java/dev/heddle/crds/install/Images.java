package dev.heddle.crds.install;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Where the images come from.
 *
 * @param registry put in front of each name with a slash; absent: the operator's own choice
 * @param tag the tag of all images; absent: the operator's own version
 * @param pullPolicy when the kubelet pulls them
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Images(@Nullable String registry, @Nullable String tag, ImagePullPolicy pullPolicy) {

  /** The operator's own registry and version. */
  public static final Images DEFAULT = new Images(null, null, ImagePullPolicy.IF_NOT_PRESENT);

  public Images {
    pullPolicy = Objects.requireNonNullElse(pullPolicy, ImagePullPolicy.IF_NOT_PRESENT);
  }
}
