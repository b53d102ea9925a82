package dev.heddle.dataplane.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heddle.dataplane.config.Endpoint;
import dev.heddle.dataplane.config.OutlierDetection;
import dev.heddle.dataplane.loopback.Configurations;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class OutlierDetectorTest {
  private final ClusterHealth health = new ClusterHealth();
  private long now;

  @Test
  void fiveErrorsInARowSetAnEndpointAside() {
    OutlierDetector detector = detector(5, false, false, 50, 1);
    observe(detector, 1, Outcome.SERVER_ERROR, 4);
    observe(detector, 1, Outcome.SUCCESS, 1);
    observe(detector, 1, Outcome.SERVER_ERROR, 4);
    assertThat(endpoint(1).ejected()).isFalse();
    observe(detector, 1, Outcome.CONNECT_FAILURE, 1);
    assertThat(endpoint(1).ejected()).isTrue();
    assertThat(health.usable(endpoint(1))).isFalse();
    assertThat(health.usable(endpoint(2))).isTrue();
  }

  @Test
  void anEndpointComesBackAndStaysAwayLongerTheNextTime() {
    OutlierDetector detector = detector(1, false, false, 50, 1);
    observe(detector, 1, Outcome.SERVER_ERROR, 1);
    pass(detector, 29);
    assertThat(endpoint(1).ejected()).isTrue();
    pass(detector, 2);
    assertThat(endpoint(1).ejected()).isFalse();
    observe(detector, 1, Outcome.SERVER_ERROR, 1);
    pass(detector, 59);
    assertThat(endpoint(1).ejected()).isTrue();
    pass(detector, 2);
    assertThat(endpoint(1).ejected()).isFalse();
  }

  @Test
  void noMoreThanTheGivenShareIsSetAside() {
    OutlierDetector detector = detector(1, false, false, 50, 1);
    for (int port = 1; port <= 4; port++) {
      observe(detector, port, Outcome.SERVER_ERROR, 1);
    }
    assertThat(endpoint(1).ejected()).isTrue();
    assertThat(endpoint(2).ejected()).isTrue();
    assertThat(endpoint(3).ejected()).isFalse();
    assertThat(endpoint(4).ejected()).isFalse();
  }

  @Test
  void tooManyRequestsCountOnlyWhereThatIsAsked() {
    OutlierDetector detector = detector(2, false, false, 50, 1);
    observe(detector, 1, Outcome.TOO_MANY_REQUESTS, 9);
    assertThat(endpoint(1).ejected()).isFalse();
    OutlierDetector aware = detector(2, false, true, 50, 1);
    observe(aware, 1, Outcome.TOO_MANY_REQUESTS, 2);
    assertThat(endpoint(1).ejected()).isTrue();
  }

  @Test
  void failuresWithoutAnAnswerCanBeToldApart() {
    OutlierDetector detector = detector(3, true, false, 50, 1);
    observe(detector, 1, Outcome.CONNECT_FAILURE, 1);
    observe(detector, 1, Outcome.SERVER_ERROR, 2);
    assertThat(endpoint(1).ejected()).isFalse();
    observe(detector, 1, Outcome.TIMEOUT, 3);
    assertThat(endpoint(1).ejected()).isTrue();
  }

  @Test
  void aSuccessRateFarBelowTheOthersSetsAside() {
    OutlierDetector detector = detector(1000, false, false, 50, 20);
    for (int port = 1; port <= 20; port++) {
      observe(detector, port, Outcome.SUCCESS, port == 7 ? 50 : 98);
      observe(detector, port, Outcome.SERVER_ERROR, port == 7 ? 50 : 2);
    }
    pass(detector, 1);
    assertThat(health.endpoints().stream().filter(EndpointHealth::ejected).toList())
        .containsExactly(endpoint(7));
  }

  @Test
  void aFixedShareOfFailuresSetsAside() {
    OutlierDetector detector = detector(1000, false, false, 100, 1);
    observe(detector, 1, Outcome.SERVER_ERROR, 90);
    observe(detector, 1, Outcome.SUCCESS, 10);
    for (int port = 2; port <= 4; port++) {
      observe(detector, port, Outcome.SERVER_ERROR, 80);
      observe(detector, port, Outcome.SUCCESS, 20);
    }
    pass(detector, 1);
    assertThat(endpoint(1).ejected()).isTrue();
    assertThat(endpoint(2).ejected()).isFalse();
  }

  private OutlierDetector detector(
      int consecutive, boolean split, boolean tooMany, int maxPercent, int rateHosts) {
    List<Endpoint> endpoints =
        IntStream.rangeClosed(1, Math.max(4, rateHosts))
            .mapToObj(Configurations::endpoint)
            .toList();
    health.assign(endpoints);
    return new OutlierDetector(
        "app",
        new OutlierDetection(
            consecutive,
            100,
            1000,
            100,
            consecutive,
            100,
            split,
            tooMany,
            Duration.ofSeconds(1),
            Duration.ofSeconds(30),
            Duration.ofMinutes(5),
            Duration.ZERO,
            maxPercent,
            false,
            true,
            new OutlierDetection.SuccessRate(rateHosts, 100, 1.9, rateHosts > 1 ? 100 : 0, 0),
            new OutlierDetection.FailurePercentage(85, 4, 50, rateHosts > 1 ? 0 : 100, 0)),
        health,
        new HealthMetrics(new SimpleMeterRegistry()),
        new SplittableRandom(1),
        () -> now);
  }

  private EndpointHealth endpoint(int port) {
    EndpointHealth known = health.of(Configurations.loopback(port));
    assertThat(known).isNotNull();
    return known;
  }

  private void observe(OutlierDetector detector, int port, Outcome outcome, int times) {
    for (int i = 0; i < times; i++) {
      detector.observe(endpoint(port), outcome);
    }
  }

  private void pass(OutlierDetector detector, int seconds) {
    now += Duration.ofSeconds(seconds).toNanos();
    detector.evaluate();
  }
}
