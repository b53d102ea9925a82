package dev.heddle.dataplane.scheduling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

@EnabledOnOs(OS.LINUX)
final class TimeSliceTest {
  private final TimeSlice slice = TimeSlice.link().orElseThrow();

  @Test
  void aThreadHasWhatItAskedFor() throws Exception {
    assumeThat(minorVersionOfLinux6()).as("kernel 6, minor version").isGreaterThanOrEqualTo(12);
    Duration asked = Duration.ofNanos(200_000);
    try (ExecutorService executor = Executors.newSingleThreadExecutor()) {
      Future<Boolean> taken = executor.submit(() -> slice.request(asked));
      assertThat(taken.get()).isTrue();
      Future<Duration> current = executor.submit(() -> slice.current().orElseThrow());
      assertThat(current.get()).isEqualTo(asked);
    }
    assertThat(slice.current().orElseThrow()).as("slice of another thread").isNotEqualTo(asked);
  }

  /** Those after 6 have it too. */
  private static int minorVersionOfLinux6() {
    String[] version = System.getProperty("os.version").split("[.-]", 3);
    return Integer.parseInt(version[0]) > 6
        ? Integer.MAX_VALUE
        : Integer.parseInt(version[0]) == 6 ? Integer.parseInt(version[1]) : 0;
  }
}
