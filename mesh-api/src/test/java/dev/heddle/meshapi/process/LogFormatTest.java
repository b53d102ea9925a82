package dev.heddle.meshapi.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import org.junit.jupiter.api.Test;

class LogFormatTest {
  @Test
  void writesOneLineEvenForAHostileMessage() {
    LogRecord record = new LogRecord(Level.WARNING, "peer said\nerror [CA] all is lost");
    record.setInstant(Instant.parse("2026-01-02T03:04:05.678Z"));
    record.setLoggerName("dev.heddle.ca.CertificateService");
    record.setThrown(new IllegalStateException("outer", new IllegalArgumentException("inner")));

    assertThat(new LogFormat(false).format(record))
        .isEqualTo(
            "2026-01-02T03:04:05.678Z warn [CertificateService] peer said error [CA] all is lost"
                + ": IllegalStateException: outer: IllegalArgumentException: inner\n");
  }
}
