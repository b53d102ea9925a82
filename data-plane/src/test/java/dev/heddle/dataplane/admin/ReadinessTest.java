package dev.heddle.dataplane.admin;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class ReadinessTest {

  private Optional<String> certificate = Optional.of("none yet");

  @Test
  void staysReadyOnceEverythingWasThereUntilTheDrain() {
    Readiness readiness = new Readiness(Map.of("certificate", () -> certificate));
    assertThat(readiness.isReady()).isFalse();

    certificate = Optional.empty();
    assertThat(readiness.isReady()).isTrue();

    certificate = Optional.of("expired");
    assertThat(readiness.isReady()).isTrue();

    readiness.drain();
    assertThat(readiness.isReady()).isFalse();
  }
}
