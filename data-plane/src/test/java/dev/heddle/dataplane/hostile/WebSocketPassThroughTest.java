package dev.heddle.dataplane.hostile;

import static dev.heddle.dataplane.http.harness.RawClient.lines;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.heddle.dataplane.LoopbackMesh;
import dev.heddle.dataplane.LoopbackMesh.AppProtocol;
import dev.heddle.dataplane.http.harness.RawClient;
import dev.heddle.dataplane.http.harness.RawServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * WebSocket frames of every kind, right and wrong, pass byte by byte: masks, fragments, reserved
 * bits and lengths are for the two ends to judge (RFC 6455). The proxy judges the handshake.
 */
final class WebSocketPassThroughTest {
  private static final String ACCEPTED =
      lines(
          "HTTP/1.1 101 Switching Protocols",
          "Connection: Upgrade",
          "Upgrade: websocket",
          "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  private static final String HANDSHAKE =
      lines(
          "GET /chat HTTP/1.1",
          "Host: shop",
          "Connection: keep-alive, Upgrade",
          "Upgrade: websocket",
          "Sec-WebSocket-Version: 13",
          "Sec-WebSocket-Protocol: chat, superchat",
          "Sec-WebSocket-Extensions: permessage-deflate",
          "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==");
  private static final int SEED = 20_250;

  @TempDir private Path directory;
  private final AtomicReference<String> early = new AtomicReference<>("");
  private RawServer echo;
  private LoopbackMesh mesh;

  @BeforeEach
  void start() throws Exception {
    echo =
        new RawServer(connection -> {
          if (!connection.readHead().isEmpty()) {
            connection.send(ACCEPTED + early.get());
            connection.in().transferTo(connection.out());
          }
        });
    mesh = LoopbackMesh.start(directory, echo.address(), AppProtocol.HTTP1);
  }

  @AfterEach
  void close() throws Exception {
    mesh.close();
    echo.close();
  }

  private RawClient upgraded(Side side) throws Exception {
    RawClient client = new RawClient(side.http1(mesh));
    client.send(HANDSHAKE);
    assertAccepted(client);
    return client;
  }

  private static void assertAccepted(RawClient client) throws IOException {
    assertThat(client.head())
        .startsWith("HTTP/1.1 101 ")
        .containsIgnoringCase("upgrade: websocket")
        .containsIgnoringCase("connection: upgrade")
        .containsIgnoringCase("sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  }

  @ParameterizedTest
  @EnumSource
  void carriesEveryKindOfFrame(Side side) throws Exception {
    try (RawClient client = upgraded(side)) {
      assertThat(echo.heads().getFirst())
          .containsIgnoringCase("sec-websocket-version: 13")
          .containsIgnoringCase("sec-websocket-protocol: chat, superchat")
          .containsIgnoringCase("sec-websocket-extensions: permessage-deflate");
      Random random = new Random(SEED);
      for (int opcode = 0; opcode < 16; opcode++) {
        for (int reserved = 0; reserved < 8; reserved++) {
          for (int size : new int[] {0, 1, 125, 126, 65_535, 65_536}) {
            assertEchoed(client, frame(random, opcode, reserved, size, size % 2 == 0));
          }
        }
      }
    }
  }

  private static byte[] frame(Random random, int opcode, int reserved, int size, boolean masked) {
    ByteArrayOutputStream frame = new ByteArrayOutputStream();
    frame.write((random.nextBoolean() ? 0x80 : 0) | reserved << 4 | opcode);
    int mask = masked ? 0x80 : 0;
    if (size < 126) {
      frame.write(mask | size);
    } else if (size < 65_536) {
      frame.write(mask | 126);
      frame.writeBytes(ByteBuffer.allocate(2).putShort((short) size).array());
    } else {
      frame.write(mask | 127);
      frame.writeBytes(ByteBuffer.allocate(8).putLong(size).array());
    }
    byte[] rest = new byte[size + (masked ? 4 : 0)];
    random.nextBytes(rest);
    frame.writeBytes(rest);
    return frame.toByteArray();
  }

  private static void assertEchoed(RawClient client, byte[] bytes) throws IOException {
    client.send(bytes);
    assertThat(client.in().readNBytes(bytes.length)).isEqualTo(bytes);
  }

  /** In pieces of any size, as much as you like, both ways at once. */
  @ParameterizedTest
  @EnumSource
  void carriesAnyBytesInAnyPieces(Side side) throws Exception {
    byte[] all = new byte[4 << 20];
    new Random(SEED).nextBytes(all);
    try (RawClient client = upgraded(side)) {
      Thread sender =
          Thread.ofVirtual()
              .start(() -> {
                Random random = new Random(SEED);
                try {
                  for (int at = 0; at < all.length; ) {
                    int size = Math.min(all.length - at, 1 + random.nextInt(100_000));
                    client.send(Arrays.copyOfRange(all, at, at + size));
                    at += size;
                  }
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              });
      assertThat(client.in().readNBytes(all.length)).isEqualTo(all);
      sender.join();
    }
  }

  /** What the server says in one breath with its consent. */
  @ParameterizedTest
  @EnumSource
  void carriesWhatComesWithTheHandshake(Side side) throws Exception {
    early.set("\u0081\u0005hello");
    try (RawClient client = upgraded(side)) {
      assertThat(client.in().readNBytes(7))
          .isEqualTo(new byte[] {(byte) 0x81, 5, 'h', 'e', 'l', 'l', 'o'});
      assertEchoed(client, new byte[] {(byte) 0x88, 0});
    }
  }

  /** A client that does not wait for consent: what it sent is not read as HTTP, and not lost. */
  @ParameterizedTest
  @EnumSource
  void carriesWhatIsSentBeforeConsent(Side side) throws Exception {
    String request = lines("GET /a HTTP/1.1", "Host: shop", "Content-Length: 5") + "hello";
    try (RawClient client = new RawClient(side.http1(mesh))) {
      client.send(HANDSHAKE + request);
      assertAccepted(client);
      assertThat(client.in().readNBytes(request.length())).asString(ISO_8859_1).isEqualTo(request);
      assertEchoed(client, new byte[] {(byte) 0x88, 0});
    }
    assertThat(echo.heads()).hasSize(1);
  }

  /** An upgrade that is not a request for WebSocket by the book is a request like any other. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "POST /chat HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nContent-Length: 0\r\n\r\n",
        "GET /chat HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n\r\n",
        "GET /chat HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket2\r\n\r\n",
        "GET /chat HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: h2c, websocket\r\n\r\n",
        "GET /chat HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nContent-Length: 1\r\n\r\nx",
        "GET /chat HTTP/1.0\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
      })
  void refusesConsentThatNobodyAskedFor(String request) throws Exception {
    for (Side side : Side.values()) {
      try (RawClient client = new RawClient(side.http1(mesh))) {
        client.send(request);
        assertThat(client.response()).startsWith("HTTP/1.1 502 ");
      }
    }
  }
}
