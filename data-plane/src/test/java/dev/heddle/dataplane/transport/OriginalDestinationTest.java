package dev.heddle.dataplane.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

final class OriginalDestinationTest {

  @Test
  void socketAddressesOfTheKernelAreRead() {
    ByteBuffer ipv4 =
        ByteBuffer.allocate(16).put(new byte[] {2, 0, 0x0c, (byte) 0xea, 10, 1, 2, 3});
    assertThat(OriginalDestination.parse(ipv4.clear(), 4, true)).hasToString("/10.1.2.3:3306");
    ByteBuffer mapped = ByteBuffer.allocate(28);
    mapped.putShort(2, (short) 80).put(18, (byte) 0xff).put(19, (byte) 0xff);
    mapped.put(20, (byte) 10).put(23, (byte) 1);
    assertThat(OriginalDestination.parse(mapped, 8, false)).hasToString("/10.0.0.1:80");
  }

  /** The kernel's own word, in a network namespace of the test's with a redirect as in a pod. */
  @Test
  @Timeout(60)
  void theKernelTellsWhereRedirectedConnectionsWereMeantToGo() throws Exception {
    assumeTrue(
        System.getProperty("user.name").equals("root")
            && Stream.of("unshare", "nft", "ip").allMatch(OriginalDestinationTest::installed),
        "needs root, unshare, nft and ip, to redirect in a network namespace of its own");
    Process probe =
        new ProcessBuilder(
                "unshare",
                "--net",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                RedirectedProbe.class.getName())
            .redirectErrorStream(true)
            .start();
    String output = new String(probe.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(probe.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(output.lines().filter(line -> line.startsWith("original ")))
        .as(output)
        .containsExactlyElementsOf(
            List.of(
                "original /192.0.2.1:3306",
                "original /[2001:db8:0:0:0:0:0:1]:8080",
                "original /127.0.0.1:local"));
  }

  private static boolean installed(String tool) {
    return Stream.of(System.getenv("PATH").split(":"), new String[] {"/usr/sbin", "/sbin"})
        .flatMap(Stream::of)
        .anyMatch(directory -> Files.isExecutable(Path.of(directory, tool)));
  }
}
