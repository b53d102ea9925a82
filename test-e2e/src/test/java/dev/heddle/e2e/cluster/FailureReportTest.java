package dev.heddle.e2e.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class FailureReportTest {

  @Test
  void fileNamesHoldNothingAFileSystemStumblesOver() {
    assertThat(FailureReport.fileName("[1] 90/10 over h2, \"grpc\""))
        .isEqualTo("-1-90-10-over-h2-grpc-");
  }

  @Test
  void fileNamesAreBounded() {
    assertThat(FailureReport.fileName("x".repeat(500))).hasSize(100);
  }
}
