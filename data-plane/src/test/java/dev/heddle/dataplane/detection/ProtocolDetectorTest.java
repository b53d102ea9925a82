package dev.heddle.dataplane.detection;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.heddle.dataplane.loopback.ClientHellos;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ProtocolDetectorTest {
  private final ProtocolDetector detector = new ProtocolDetector(true, true);

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET / HTTP/1.1\r\n",
        "POST /a?b=c HTTP/1.1\n",
        "OPTIONS * HTTP/1.1\r\nHost: x\r\n",
        "CONNECT a.b:443 HTTP/1.1\r\n",
        "PRI-like /x HTTP/1.1",
      })
  void requestLinesAreHttp1AsSoonAsTheyEnd(String text) {
    Detection expected =
        text.contains("\n") ? new Detection.Http1("http/1.1") : new Detection.Raw();
    assertThat(detect(text)).isEqualTo(expected);
    int end = text.indexOf('\n');
    for (int i = 0; i < end; i++) {
      assertThat(detect(text.substring(0, i))).isInstanceOf(Detection.Undecided.class);
    }
  }

  @Test
  void http10IsToldApart() {
    assertThat(detect("GET / HTTP/1.0\r\n")).isEqualTo(new Detection.Http1("http/1.0"));
  }

  @Test
  void thePrefaceIsHttp2OnlyWhenItIsWhole() {
    String preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    assertThat(detect(preface)).isInstanceOf(Detection.Http2.class);
    assertThat(detect(preface + "\0\0")).isInstanceOf(Detection.Http2.class);
    for (int i = 0; i < preface.length(); i++) {
      assertThat(detect(preface.substring(0, i))).isInstanceOf(Detection.Undecided.class);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET key\r\n", // Redis inline, memcached
        "*1\r\n$4\r\nPING\r\n",
        "EHLO example.org\r\n",
        "SSH-2.0-OpenSSH_9.2\r\n",
        "GET / HTTP/3.0\r\n",
        "get / HTTP/1.1\r\n",
        "\u0000\u0000\u0000",
        "GETX",
        "GET \u0001",
        "\u0016\u0003\u0009",
      })
  void otherProtocolsAreRaw(String text) {
    assertThat(detect(text)).isInstanceOf(Detection.Raw.class);
  }

  @Test
  void aTargetBeyondTheBoundIsLeftToHttpToRefuse() {
    assertThat(detect("GET /" + "a".repeat(ProtocolDetector.MAX_BYTES)))
        .isEqualTo(new Detection.Http1("http/1.1"));
  }

  @Test
  void aClientHelloTellsServerNameAndProtocols() throws Exception {
    byte[] hello = ClientHellos.of("Mesh.Heddle.internal", "h2", "http/1.1");
    assertThat(detector.detect(Unpooled.wrappedBuffer(hello)))
        .isEqualTo(
            new Detection.Tls(new ClientHello("mesh.heddle.internal", List.of("h2", "http/1.1"))));
    for (int i = 0; i < hello.length; i++) {
      assertThat(detector.detect(Unpooled.wrappedBuffer(hello, 0, i)))
          .as("%d of %d bytes", i, hello.length)
          .isInstanceOf(Detection.Undecided.class);
    }
  }

  @Test
  void aClientHelloMayBeSpreadOverRecords() throws Exception {
    byte[] hello = ClientHellos.of("a.b", "h2");
    ByteBuf spread = Unpooled.buffer();
    for (int at = 5; at < hello.length; at += 50) {
      int length = Math.min(50, hello.length - at);
      spread.writeByte(22).writeShort(0x0303).writeShort(length).writeBytes(hello, at, length);
    }
    assertThat(detector.detect(spread))
        .isEqualTo(new Detection.Tls(new ClientHello("a.b", List.of("h2"))));
  }

  @Test
  void brokenHellosNeverThrowAndNeverConsume() throws Exception {
    byte[] hello = ClientHellos.of("a.b", "h2");
    SplittableRandom random = new SplittableRandom(42);
    for (int i = 0; i < 20_000; i++) {
      byte[] broken = hello.clone();
      for (int j = 0; j <= random.nextInt(4); j++) {
        broken[random.nextInt(broken.length)] = (byte) random.nextInt();
      }
      ByteBuf bytes = Unpooled.wrappedBuffer(broken, 0, random.nextInt(1, broken.length + 1));
      int readable = bytes.readableBytes();
      assertThat(detector.detect(bytes)).isNotNull();
      assertThat(bytes.readableBytes()).isEqualTo(readable);
    }
  }

  @Test
  void whatIsNotAskedForIsNotDetected() throws Exception {
    ByteBuf hello = Unpooled.wrappedBuffer(ClientHellos.of("a.b"));
    assertThat(new ProtocolDetector(false, true).detect(hello)).isInstanceOf(Detection.Raw.class);
    assertThat(
            new ProtocolDetector(true, false)
                .detect(Unpooled.copiedBuffer("GET / HTTP/1.1\r\n", ISO_8859_1)))
        .isInstanceOf(Detection.Raw.class);
  }

  private Detection detect(String text) {
    return detector.detect(Unpooled.copiedBuffer(text, ISO_8859_1));
  }
}
