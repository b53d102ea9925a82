package dev.heddle.dataplane.twin;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.SoftAssertions;

/** One case at one proxy after the other. */
public final class Twins {

  private Twins() {}

  /**
   * Holds each proxy against the case, and the second against the first.
   *
   * @param proxies by name, the one that is right first
   */
  public static void run(
      TwinCase twin, List<Map.Entry<String, TwinProxy.Starter>> proxies, Path directory)
      throws Exception {
    SoftAssertions softly = new SoftAssertions();
    List<List<TwinObservation>> observations = new ArrayList<>();
    try (TwinApps apps = TwinApps.start(twin, new AppCertificate(directory)::serverSocket)) {
      for (Map.Entry<String, TwinProxy.Starter> proxy : proxies) {
        SoftAssertions own = new SoftAssertions();
        observations.add(
            new TwinRun(twin, apps)
                .run(
                    proxy.getValue(),
                    Files.createDirectories(directory.resolve(proxy.getKey())),
                    own));
        own.errorsCollected()
            .forEach(error ->
                softly.collectAssertionError(
                    new AssertionError(proxy.getKey() + ": " + error.getMessage(), error)));
      }
    }
    for (int i = 1; i < observations.size(); i++) {
      TwinComparison.compare(observations.getFirst(), observations.get(i), softly);
    }
    softly.assertAll();
  }
}
