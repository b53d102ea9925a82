package dev.heddle.smiadapter.settings;

import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The last {@code mesh.yaml} that could be used: a bad one is told of and changes nothing. */
public final class LatestConfiguration implements Supplier<Optional<MeshConfiguration>> {
  private static final Logger LOGGER = LoggerFactory.getLogger(LatestConfiguration.class);

  private final MeshConfigurationParser parser = new MeshConfigurationParser();
  private volatile @Nullable MeshConfiguration latest;
  private volatile @Nullable String problem;

  /** Takes a new text. */
  public void accept(String yaml) {
    try {
      latest = parser.parse(yaml);
      problem = null;
    } catch (InvalidConfigurationException e) {
      problem = e.getMessage();
      LOGGER.error("ConfigMap heddle-mesh is not used: {}", e.getMessage());
    }
  }

  /** Empty until the first good one. */
  @Override
  public Optional<MeshConfiguration> get() {
    return Optional.ofNullable(latest);
  }

  /** What is wrong with the newest text, if anything. */
  public Optional<String> problem() {
    return Optional.ofNullable(problem);
  }
}
