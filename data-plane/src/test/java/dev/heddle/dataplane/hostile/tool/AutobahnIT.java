package dev.heddle.dataplane.hostile.tool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.heddle.dataplane.LoopbackMesh;
import dev.heddle.dataplane.LoopbackMesh.AppProtocol;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * Autobahn's test suite, which breaks WebSocket in several hundred ways, against its own server:
 * once without and once through two proxies with mutual TLS between them. They are unharmed if each
 * case ends the same.
 */
final class AutobahnIT {
  /** All cases of framing, control frames, reserved bits, fragments, UTF-8 and closing. */
  private static final List<String> CONFORMANCE =
      List.of("1.*", "2.*", "3.*", "4.*", "5.*", "6.*", "7.*", "10.*");

  private static final int CONFORMANCE_CASES = 247;

  /**
   * Of the cases that say the same with more and more bytes, and take minutes each in the end:
   * large messages, whole (9.1, 9.2), in fragments (9.4) and in pieces (9.6); many small ones (9.7,
   * 9.8); permessage-deflate with every kind of content (12) and with and without a context that
   * lasts and a window of its own (13).
   */
  private static final List<String> REPRESENTATIVES =
      List.of(
          "9.1.1", "9.1.3", "9.2.1", "9.2.4", "9.4.9", "9.6.1", "9.6.6", "9.7.1", "9.8.1", "12.1.1",
          "12.2.1", "12.3.1", "12.4.1", "12.5.1", "13.1.1", "13.2.1", "13.5.1", "13.7.1");

  private static final int LEAST_CASES = CONFORMANCE_CASES + REPRESENTATIVES.size();

  private static final int NOT_FOR_THIS_PLATFORM = 3;
  private static final Duration INSTALLATION = Duration.ofMinutes(10);
  private static final Duration START = Duration.ofSeconds(60);
  private static final Duration LIMIT = Duration.ofMinutes(8);

  private static final String ALONE = "alone";
  private static final String MESH = "mesh";

  /** A server that does what is right passes with these; the last judges nothing. */
  private static final Set<String> PASSED = Set.of("OK", "NON-STRICT", "INFORMATIONAL");

  @TempDir private Path directory;

  @TestFactory
  Stream<DynamicTest> webSocketPassesUnharmed() throws Exception {
    String wstest = wstest();
    Path folder = ExternalTool.folder("autobahn");
    InetSocketAddress address = freeAddress();
    Process server =
        ExternalTool.start(folder, List.of(wstest, "-m", "testeeserver", "-w", url(address)));
    try (LoopbackMesh mesh = LoopbackMesh.rewritingHost(directory, address, AppProtocol.HTTP1)) {
      await().atMost(START).ignoreExceptions().until(() -> accepts(address));
      JsonNode index = run(wstest, folder, Map.of(ALONE, address, MESH, mesh.clientSide()));
      assertThat(index.get(ALONE)).hasSizeGreaterThanOrEqualTo(LEAST_CASES);
      return index.get(ALONE).properties().stream()
          .map(alone ->
              dynamicTest(
                  alone.getKey(),
                  () -> same(alone.getValue(), index.get(MESH).get(alone.getKey()))));
    } finally {
      server.destroyForcibly();
    }
  }

  private static void same(JsonNode alone, JsonNode mesh) {
    assertThat(mesh).as("the case's result through the mesh").isNotNull();
    for (String verdict : List.of("behavior", "behaviorClose")) {
      assertThat(alone.get(verdict).asText()).as("%s without the mesh", verdict).isIn(PASSED);
      assertThat(mesh.get(verdict).asText())
          .as("%s through the mesh", verdict)
          .isEqualTo(alone.get(verdict).asText());
    }
    assertThat(mesh.get("remoteCloseCode")).isEqualTo(alone.get("remoteCloseCode"));
  }

  /** Where the suite is; the test is skipped where it cannot be had. */
  private static String wstest() throws IOException, InterruptedException {
    ExternalTool.Result found =
        ExternalTool.run(
            INSTALLATION, List.of(ExternalTool.PROJECT.resolve("make/autobahn").toString()));
    Assumptions.assumeTrue(found.status() != NOT_FOR_THIS_PLATFORM, found.output());
    List<String> lines = found.succeeded().output().lines().toList();
    return lines.getLast();
  }

  private static JsonNode run(String wstest, Path folder, Map<String, InetSocketAddress> servers)
      throws IOException, InterruptedException {
    ObjectMapper json = new ObjectMapper();
    Path reports = folder.resolve("reports");
    Files.deleteIfExists(reports.resolve("index.json"));
    Path specification = folder.resolve("cases.json");
    json.writeValue(
        specification.toFile(),
        Map.of(
            "outdir",
            reports.toString(),
            "servers",
            servers.entrySet().stream()
                .map(agent -> Map.of("agent", agent.getKey(), "url", url(agent.getValue())))
                .toList(),
            "cases",
            Stream.concat(CONFORMANCE.stream(), REPRESENTATIVES.stream()).toList(),
            "exclude-cases",
            List.of(),
            "exclude-agent-cases",
            Map.of()));
    ExternalTool.run(
            LIMIT, folder, List.of(wstest, "-m", "fuzzingclient", "-s", specification.toString()))
        .succeeded();
    return json.readTree(Files.readString(reports.resolve("index.json")));
  }

  private static String url(InetSocketAddress address) {
    return "ws://127.0.0.1:" + address.getPort();
  }

  private static InetSocketAddress freeAddress() throws IOException {
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return (InetSocketAddress) free.getLocalSocketAddress();
    }
  }

  private static boolean accepts(InetSocketAddress address) throws IOException {
    try (Socket socket = new Socket(address.getAddress(), address.getPort())) {
      return socket.isConnected();
    }
  }
}
