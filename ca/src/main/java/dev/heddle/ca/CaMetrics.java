package dev.heddle.ca;

import dev.heddle.ca.signing.Refusal;
import dev.heddle.ca.signing.SigningMetrics;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;

/** What the CA counts, in the Prometheus text format. */
final class CaMetrics implements SigningMetrics {
  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final Counter signed =
      Counter.builder("heddle_ca_certificates_signed_total")
          .description("Workload certificates signed")
          .register(registry);
  private final Counter keeperFailures =
      Counter.builder("heddle_ca_authority_failures_total")
          .description("Failures to make, renew or read the authorities")
          .register(registry);
  private final Map<Refusal, Counter> refused = new EnumMap<>(Refusal.class);

  CaMetrics() {
    for (Refusal refusal : Refusal.values()) {
      refused.put(
          refusal,
          Counter.builder("heddle_ca_certificates_refused_total")
              .description("Requests for a workload certificate that were refused")
              .tag("reason", refusal.label())
              .register(registry));
    }
  }

  /**
   * Shows when something ends to be valid.
   *
   * @param seconds until then; not a number while there is no such certificate
   */
  void showExpiry(String certificate, Supplier<Number> seconds) {
    Gauge.builder("heddle_ca_certificate_expiry_seconds", seconds)
        .description("Seconds until a certificate of the CA expires")
        .tag("certificate", certificate)
        .register(registry);
  }

  /** Shows which replica writes. */
  void showLeading(Supplier<Number> leading) {
    Gauge.builder("heddle_ca_leading", leading)
        .description("1 in the replica that holds the Lease")
        .register(registry);
  }

  @Override
  public void signed() {
    signed.increment();
  }

  @Override
  public void refused(Refusal refusal) {
    Objects.requireNonNull(refused.get(refusal), "refusal").increment();
  }

  void authorityFailed() {
    keeperFailures.increment();
  }

  String page() {
    return registry.scrape();
  }
}
