package dev.heddle.dataplane.hostile;

import static dev.heddle.dataplane.hostile.Http2Wire.CONTINUATION;
import static dev.heddle.dataplane.hostile.Http2Wire.DATA;
import static dev.heddle.dataplane.hostile.Http2Wire.END_HEADERS;
import static dev.heddle.dataplane.hostile.Http2Wire.END_STREAM;
import static dev.heddle.dataplane.hostile.Http2Wire.ENHANCE_YOUR_CALM;
import static dev.heddle.dataplane.hostile.Http2Wire.HEADERS;
import static dev.heddle.dataplane.hostile.Http2Wire.PING;
import static dev.heddle.dataplane.hostile.Http2Wire.PRIORITY;
import static dev.heddle.dataplane.hostile.Http2Wire.REFUSED_STREAM;
import static dev.heddle.dataplane.hostile.Http2Wire.SETTINGS;
import static dev.heddle.dataplane.hostile.Http2Wire.WINDOW_UPDATE;
import static dev.heddle.dataplane.hostile.Http2Wire.integer;
import static org.assertj.core.api.Assertions.assertThat;

import dev.heddle.dataplane.hostile.Http2Wire.Frame;
import dev.heddle.dataplane.hostile.Http2Wire.Outcome;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Frames that cost their sender nothing: Rapid Reset (CVE-2023-44487), MadeYouReset
 * (CVE-2025-8671), CONTINUATION floods (VU#421644, CVE-2026-33871), HPACK bombs (CVE-2026-93492),
 * and the floods of 2019 (CVE-2019-9511 to -9518). The connection ends, everybody else is served.
 */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class Http2FloodTest extends AttacksOnOneMesh {
  private static final int MANY = 20_000;

  /** Sends until the proxy has enough, and reads with what it ended the connection. */
  private interface Flood {
    void send(Http2Wire client, int round) throws IOException;
  }

  private void assertStopped(Side side, Flood flood) throws Exception {
    int before = mesh.received().size();
    try (Http2Wire client = mesh.http2(side)) {
      int rounds = 0;
      try {
        while (rounds < MANY) {
          flood.send(client, rounds++);
        }
      } catch (SocketException | SSLException e) {
        // The proxy has closed.
        assertThat(rounds).isLessThan(MANY);
      }
      assertThat(client.goAway()).isIn(ENHANCE_YOUR_CALM, -1);
    }
    assertThat(mesh.receivedSince(before).size()).as("work done for it").isLessThan(1500);
    mesh.assertUnharmed();
  }

  @ParameterizedTest
  @EnumSource
  void rapidReset(Side side) throws Exception {
    assertStopped(
        side,
        (client, round) -> client.get(2 * round + 1, "/").reset(2 * round + 1, Http2Wire.CANCEL));
  }

  /** The proxy is made to reset: by a window update of nothing. */
  @ParameterizedTest
  @EnumSource
  void madeYouResetByWindowUpdate(Side side) throws Exception {
    assertStopped(
        side,
        (client, round) ->
            client.get(2 * round + 1, "/").frame(WINDOW_UPDATE, 0, 2 * round + 1, integer(0)));
  }

  /** By a window beyond 2^31-1. */
  @ParameterizedTest
  @EnumSource
  void madeYouResetByWindowOverflow(Side side) throws Exception {
    assertStopped(
        side,
        (client, round) ->
            client
                .get(2 * round + 1, "/")
                .frame(WINDOW_UPDATE, 0, 2 * round + 1, integer(Integer.MAX_VALUE)));
  }

  /** By a priority that depends on itself. */
  @ParameterizedTest
  @EnumSource
  void madeYouResetByPriority(Side side) throws Exception {
    assertStopped(
        side,
        (client, round) -> {
          int stream = 2 * round + 1;
          byte[] dependency = {0, 0, 0, 0, 15};
          System.arraycopy(integer(stream), 0, dependency, 0, 4);
          client.get(stream, "/").frame(PRIORITY, 0, stream, dependency);
        });
  }

  /** By a body on a stream that has ended. */
  @ParameterizedTest
  @EnumSource
  void madeYouResetByDataAfterTheEnd(Side side) throws Exception {
    assertStopped(
        side, (client, round) -> client.get(2 * round + 1, "/").data(2 * round + 1, true, "x"));
  }

  @ParameterizedTest
  @EnumSource
  void malformedRequests(Side side) throws Exception {
    assertStopped(side, (client, round) -> client.headers(2 * round + 1, true, "x", "no request"));
  }

  @ParameterizedTest
  @EnumSource
  void pings(Side side) throws Exception {
    assertStopped(side, (client, round) -> client.frame(PING, 0, 0, new byte[8]));
  }

  @ParameterizedTest
  @EnumSource
  void settings(Side side) throws Exception {
    assertStopped(
        side,
        (client, round) -> client.settings(Http2Wire.SETTINGS_HEADER_TABLE_SIZE, 4096 + round));
  }

  @ParameterizedTest
  @EnumSource
  void priorities(Side side) throws Exception {
    assertStopped(
        side,
        (client, round) -> client.frame(PRIORITY, 0, 2 * round + 1, new byte[] {0, 0, 0, 0, 1}));
  }

  @ParameterizedTest
  @EnumSource
  void emptyData(Side side) throws Exception {
    try (Http2Wire opening = mesh.http2(side)) {
      opening.request(1, false, "POST", "/");
      try {
        for (int i = 0; i < MANY; i++) {
          opening.frame(DATA, 0, 1);
        }
      } catch (SocketException | SSLException e) {
        // The proxy has closed.
        assertThat(opening.goAway()).isIn(ENHANCE_YOUR_CALM, -1);
        return;
      }
      assertThat(opening.goAway()).isIn(ENHANCE_YOUR_CALM, -1);
    }
    mesh.assertUnharmed();
  }

  /** A header block that never ends, in pieces with and without content. */
  @ParameterizedTest
  @EnumSource
  void continuations(Side side) throws Exception {
    for (int size : new int[] {0, 1, 1000}) {
      byte[] piece = new byte[size];
      if (size > 0) {
        piece = Http2Wire.block("x", "a".repeat(size));
      }
      try (Http2Wire client = mesh.http2(side)) {
        client.frame(HEADERS, END_STREAM, 1, Http2Wire.requestBlock("GET", "/"));
        int sent = 0;
        try {
          for (; sent < MANY; sent++) {
            client.frame(CONTINUATION, 0, 1, piece);
          }
        } catch (SocketException | SSLException e) {
          assertThat(sent).isLessThan(MANY);
        }
        assertThat(client.outcome(1).refused()).as("pieces of %s bytes", size).isTrue();
      }
    }
    mesh.assertUnharmed();
  }

  @ParameterizedTest
  @EnumSource
  void tooManyHeaders(Side side) throws Exception {
    int before = mesh.received().size();
    try (Http2Wire client = mesh.http2(side)) {
      String[] many = new String[400];
      Arrays.fill(many, "x");
      client.request(1, true, "GET", "/", many);
      assertThat(client.outcome(1).status()).isEqualTo("431");
      client.get(3, "/honest");
      assertThat(client.outcome(3).status()).isEqualTo("200");
    }
    try (Http2Wire client = mesh.http2(side)) {
      byte[] block = Http2Wire.requestBlock("GET", "/", "x-large", "a".repeat(70_000));
      client.frame(HEADERS, END_STREAM, 1, Arrays.copyOf(block, 16_000));
      for (int at = 16_000; at < block.length; at += 16_000) {
        int end = Math.min(block.length, at + 16_000);
        client.frame(
            CONTINUATION,
            end == block.length ? END_HEADERS : 0,
            1,
            Arrays.copyOfRange(block, at, end));
      }
      assertThat(client.outcome(1))
          .satisfiesAnyOf(
              told -> assertThat(told.status()).isEqualTo("431"),
              ended -> assertThat(ended.refused()).isTrue());
    }
    assertThat(mesh.receivedSince(before))
        .extracting(Victim.Request::target)
        .containsExactly("/honest");
    mesh.assertUnharmed();
  }

  /** One long field in the table, then thousands of references of one byte. */
  @ParameterizedTest
  @EnumSource
  void hpackBomb(Side side) throws Exception {
    int before = mesh.received().size();
    try (Http2Wire client = mesh.http2(side)) {
      ByteArrayOutputStream block = new ByteArrayOutputStream();
      block.writeBytes(Http2Wire.requestBlock("GET", "/"));
      block.write(0x40);
      block.write(1);
      block.write('x');
      Http2Wire.prefixed(block, 0, 7, 4000);
      block.writeBytes("a".repeat(4000).getBytes(StandardCharsets.US_ASCII));
      for (int i = 0; i < 10_000; i++) {
        block.write(0x80 | 62);
      }
      client.frame(HEADERS, END_HEADERS | END_STREAM, 1, block.toByteArray());
      assertThat(client.outcome(1))
          .satisfiesAnyOf(
              told -> assertThat(told.status()).isEqualTo("431"),
              ended -> assertThat(ended.refused()).isTrue());
    }
    assertThat(mesh.receivedSince(before)).isEmpty();
    mesh.assertUnharmed();
  }

  /** The proxy is told that its own table may be huge, or that it must be larger than allowed. */
  @ParameterizedTest
  @EnumSource
  void hugeHeaderTable(Side side) throws Exception {
    try (Http2Wire client =
        mesh.http2(side, Http2Wire.SETTINGS_HEADER_TABLE_SIZE, Integer.MAX_VALUE)) {
      for (int stream = 1; stream < 41; stream += 2) {
        client.get(stream, "/" + "a".repeat(4000) + stream);
        Outcome outcome = client.outcome(stream);
        assertThat(outcome.status()).isEqualTo("200");
      }
    }
    try (Http2Wire client = mesh.http2(side)) {
      ByteArrayOutputStream update = new ByteArrayOutputStream();
      Http2Wire.prefixed(update, 0x20, 5, 1 << 24);
      client.frame(HEADERS, END_HEADERS | END_STREAM, 1, update.toByteArray());
      assertThat(client.goAway()).isIn(Http2Wire.COMPRESSION_ERROR, -1);
    }
    mesh.assertUnharmed();
  }

  /** CVE-2026-50560: what the client says it takes must not turn into errors of the proxy. */
  @ParameterizedTest
  @EnumSource
  void tinyHeaderListSize(Side side) throws Exception {
    try (Http2Wire client = mesh.http2(side, Http2Wire.SETTINGS_MAX_HEADER_LIST_SIZE, 1)) {
      for (int stream = 1; stream < 601; stream += 2) {
        client.get(stream, "/");
        assertThat(client.outcome(stream).status()).isEqualTo("200");
      }
    }
    mesh.assertUnharmed();
  }

  /** More streams than were offered, by a client that never agreed to the offer. */
  @ParameterizedTest
  @EnumSource
  void moreStreamsThanOffered(Side side) throws Exception {
    Set<Integer> refused = new HashSet<>();
    try (Http2Wire client = mesh.http2(side).neverAcknowledging()) {
      for (int i = 0; i < 150; i++) {
        client.request(2 * i + 1, false, "POST", "/");
      }
      client.frame(PING, 0, 0, new byte[] {1, 2, 3, 4, 5, 6, 7, 8});
      for (Frame frame = client.next(); frame != null; frame = client.next()) {
        if (frame.type() == Http2Wire.RST_STREAM && frame.error() == REFUSED_STREAM) {
          refused.add(frame.stream());
        }
        if (frame.type() == PING && frame.is(Http2Wire.ACK)) {
          break;
        }
      }
    }
    assertThat(refused).hasSizeBetween(40, 60);
    mesh.assertUnharmed();
  }

  /** Frames whose size is not what their type has (CVE-2019-9518 and kin). */
  @ParameterizedTest
  @EnumSource
  void framesOfTheWrongSize(Side side) throws Exception {
    for (int type :
        new int[] {PING, SETTINGS, WINDOW_UPDATE, Http2Wire.RST_STREAM, Http2Wire.GOAWAY}) {
      try (Http2Wire client = mesh.http2(side)) {
        client.frame(type, 0, type == Http2Wire.RST_STREAM ? 1 : 0, new byte[3]);
        client.get(1, "/");
        assertThat(client.outcome(1).refused()).as("type %s", type).isTrue();
      }
    }
    try (Http2Wire client = mesh.http2(side)) {
      // A length of 2^24-1, and nothing behind it.
      client.send(new byte[] {-1, -1, -1, DATA, 0, 0, 0, 0, 1});
      assertThat(client.goAway()).isIn(0x6, -1);
    }
    mesh.assertUnharmed();
  }
}
