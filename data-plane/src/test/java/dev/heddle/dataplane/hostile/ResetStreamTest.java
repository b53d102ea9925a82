package dev.heddle.dataplane.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heddle.dataplane.LoopbackMesh;
import dev.heddle.dataplane.LoopbackMesh.AppProtocol;
import dev.heddle.dataplane.hostile.Http2Wire.Frame;
import dev.heddle.dataplane.hostile.Http2Wire.Outcome;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A reset ends one stream; the others of its connection go on (RFC 9113, 5.1 and 5.4.2). */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class ResetStreamTest {
  private static final int ROUNDS = 50;

  private final List<String> afterTheirReset = new CopyOnWriteArrayList<>();
  private Http2WireServer server;
  private LoopbackMesh mesh;

  @BeforeAll
  void start(@TempDir Path directory) throws Exception {
    server = new Http2WireServer(this::serve);
    mesh = LoopbackMesh.start(directory, server.address(), AppProtocol.HTTP2);
  }

  @AfterAll
  void close() throws Exception {
    mesh.close();
    server.close();
  }

  /** Answers what ends, and writes down what comes for a stream that was reset before. */
  private void serve(Http2Wire connection) throws IOException {
    Set<Integer> reset = new HashSet<>();
    connection.readPreface();
    connection.settings();
    for (Frame frame = connection.next(); frame != null; frame = connection.next()) {
      if (reset.contains(frame.stream())) {
        afterTheirReset.add("stream " + frame.stream() + " frame type " + frame.type());
      }
      if (frame.type() == Http2Wire.RST_STREAM) {
        reset.add(frame.stream());
      } else if (frame.type() <= Http2Wire.HEADERS && frame.is(Http2Wire.END_STREAM)) {
        connection.headers(frame.stream(), true, ":status", "200");
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void sendsNothingUpstreamBehindItsReset(Side side) throws Exception {
    try (Http2Wire client = Http2Wire.client(side.http2(mesh))) {
      client.get(1, "/");
      assertThat(client.outcome(1).status()).isEqualTo("200");
      int before = server.connections();
      for (int round = 0; round < ROUNDS; round++) {
        int stream = 3 + 4 * round;
        ByteArrayOutputStream together = new ByteArrayOutputStream();
        together.writeBytes(
            Http2Wire.bytes(
                Http2Wire.HEADERS,
                Http2Wire.END_HEADERS,
                stream,
                Http2Wire.requestBlock("POST", "/given-up")));
        together.writeBytes(
            Http2Wire.bytes(Http2Wire.DATA, 0, stream, "abc".getBytes(StandardCharsets.US_ASCII)));
        together.writeBytes(
            Http2Wire.bytes(Http2Wire.RST_STREAM, 0, stream, Http2Wire.integer(Http2Wire.CANCEL)));
        client.send(together.toByteArray());
        client.get(stream + 2, "/");
        assertThat(client.outcome(stream + 2).status()).isEqualTo("200");
      }
      assertThat(server.connections()).as("connections to the server").isEqualTo(before);
    }
    assertThat(afterTheirReset).isEmpty();
  }

  /** What a client sends behind its own reset is that stream's error, not the connection's. */
  @ParameterizedTest
  @EnumSource
  void servesOtherStreamsOfClientsThatSendBehindTheirReset(Side side) throws Exception {
    try (Http2Wire client = Http2Wire.client(side.http2(mesh))) {
      client.request(1, false, "POST", "/given-up").reset(1, Http2Wire.CANCEL).data(1, true, "abc");
      Outcome late = client.outcome(1);
      assertThat(late.reset()).isEqualTo(Http2Wire.STREAM_CLOSED);
      client.get(3, "/");
      assertThat(client.outcome(3).status()).isEqualTo("200");
    }
  }
}
