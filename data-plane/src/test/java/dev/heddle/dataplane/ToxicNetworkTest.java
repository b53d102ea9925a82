package dev.heddle.dataplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** See {@link ToxicNetworkProbe}, which runs in a network namespace of its own. */
final class ToxicNetworkTest {
  private static final int SECONDS = 180;

  @ParameterizedTest
  @EnumSource
  @Timeout(SECONDS + 20)
  void noWaitIsEndlessAndNothingIsDeliveredTwice(MeshResources.Protocol protocol) throws Exception {
    assumeTrue(
        System.getProperty("user.name").equals("root")
            && Stream.of("unshare", "nft", "ip", "ss").allMatch(ToxicNetworkTest::installed),
        "needs root, unshare, nft, ip and ss, to harm a network of its own");
    Process probe =
        new ProcessBuilder(
                "unshare",
                "--net",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-Xmx256m",
                "-cp",
                System.getProperty("java.class.path"),
                ToxicNetworkProbe.class.getName(),
                protocol.name())
            .redirectErrorStream(true)
            .start();
    try {
      String output = new String(probe.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(probe.waitFor(SECONDS, TimeUnit.SECONDS)).as(output).isTrue();
      assertThat(probe.exitValue()).as(output).isZero();
      output.lines().filter(line -> line.startsWith("toxic ")).forEach(System.out::println);
    } finally {
      probe.destroyForcibly();
    }
  }

  private static boolean installed(String tool) {
    return Stream.of(System.getenv("PATH").split(":"), new String[] {"/usr/sbin", "/sbin"})
        .flatMap(Stream::of)
        .anyMatch(directory -> Files.isExecutable(Path.of(directory, tool)));
  }
}
