package dev.heddle.dataplane.detection;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heddle.dataplane.config.ProxyProtocol;
import dev.heddle.dataplane.detection.ProxyProtocolParser.Result;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ProxyProtocolParserTest {
  private static final ProxyProtocol ANY = new ProxyProtocol(false, true, true);
  private static final String SIGNATURE = "0d0a0d0a000d0a515549540a";

  @Test
  void readsText() {
    String line = "PROXY TCP4 192.0.2.1 198.51.100.2 56324 443\r\n";
    assertThat(text(line + "GET /"))
        .isEqualTo(
            new Result.Header(line.length(), at("192.0.2.1", 56_324), at("198.51.100.2", 443)));
    assertThat(text("PROXY TCP6 2001:db8::1 ::1 1 65535\r\n"))
        .isEqualTo(new Result.Header(36, at("2001:db8::1", 1), at("::1", 65_535)));
    assertThat(text("PROXY UNKNOWN whatever\r\nX")).isEqualTo(new Result.Header(24, null, null));
  }

  @Test
  void waitsForTheWholeHeader() {
    String line = "PROXY TCP4 192.0.2.1 198.51.100.2 56324 443\r\n";
    for (int length = 1; length < line.length(); length++) {
      assertThat(text(line.substring(0, length))).isEqualTo(new Result.Incomplete());
    }
    String binary = SIGNATURE + "2111000cc0000201c6336402dc0401bb";
    for (int length = 2; length < binary.length(); length += 2) {
      assertThat(binary(binary.substring(0, length))).isEqualTo(new Result.Incomplete());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET / HTTP/1.1\r\n",
        "PROXY TCP4 192.0.2.1 198.51.100.2 56324 443\n",
        "PROXY  TCP4 192.0.2.1 198.51.100.2 56324 443\r\n",
        "PROXY TCP4 192.0.2.1 198.51.100.2 56324 443 \r\n",
        "PROXY TCP4 192.0.2.1 198.51.100.2 56324\r\n",
        "PROXY TCP4 192.0.2.1 198.51.100.2 +1 443\r\n",
        "PROXY TCP4 192.0.2.1 198.51.100.2 01 443\r\n",
        "PROXY TCP4 192.0.2.1 198.51.100.2 1 65536\r\n",
        "PROXY TCP4 192.0.2 198.51.100.2 1 443\r\n",
        "PROXY TCP4 2001:db8::1 ::1 1 2\r\n",
        "PROXY TCP6 192.0.2.1 198.51.100.2 1 2\r\n",
        "PROXY TCP6 fe80::1%eth0 ::1 1 2\r\n",
        "PROXY UDP4 192.0.2.1 198.51.100.2 1 2\r\n",
        "proxy TCP4 192.0.2.1 198.51.100.2 1 2\r\n",
        "PROXY UNKNOWN 00000000000000000000000000000000000000000000000000000000000000000000000"
            + "0000000000000000000000000\r\n"
      })
  void refusesText(String line) {
    assertThat(text(line)).isInstanceOf(Result.Malformed.class);
  }

  @Test
  void readsBinary() {
    assertThat(binary(SIGNATURE + "2111000cc0000201c6336402dc0401bb"))
        .isEqualTo(new Result.Header(28, at("192.0.2.1", 56_324), at("198.51.100.2", 443)));
    // With a type-length-value after the addresses.
    assertThat(binary(SIGNATURE + "21110010c0000201c6336402dc0401bb04000161"))
        .isEqualTo(new Result.Header(32, at("192.0.2.1", 56_324), at("198.51.100.2", 443)));
    assertThat(
            binary(
                SIGNATURE
                    + "21210024"
                    + "20010db8000000000000000000000001"
                    + "00000000000000000000000000000001"
                    + "0001ffff"))
        .isEqualTo(new Result.Header(52, at("2001:db8::1", 1), at("::1", 65_535)));
    assertThat(binary(SIGNATURE + "20000000")).isEqualTo(new Result.Header(16, null, null));
    assertThat(binary(SIGNATURE + "21000000")).isEqualTo(new Result.Header(16, null, null));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        // version 1, command 2, UDP, UNIX, too short, too long
        "1111000cc0000201c6336402dc0401bb",
        "2211000cc0000201c6336402dc0401bb",
        "2112000cc0000201c6336402dc0401bb",
        "213100d8",
        "2111000bc0000201c6336402dc0401",
        "21111001"
      })
  void refusesBinary(String hex) {
    Result result = binary(SIGNATURE + hex);
    if (hex.equals("213100d8")) {
      // Known only when all of it is there.
      assertThat(result).isEqualTo(new Result.Incomplete());
      result = binary(SIGNATURE + hex + "00".repeat(0xd8));
    }
    assertThat(result).isInstanceOf(Result.Malformed.class);
  }

  @Test
  void takesOnlyWhatIsAllowed() {
    ByteBuf line = bytes("PROXY UNKNOWN\r\n");
    assertThat(ProxyProtocolParser.parse(line, new ProxyProtocol(true, false, true)))
        .isInstanceOf(Result.Malformed.class);
    assertThat(ProxyProtocolParser.parse(bytes("GET /"), new ProxyProtocol(true, true, true)))
        .isEqualTo(new Result.Absent());
    assertThat(ProxyProtocolParser.parse(bytes("PRO"), new ProxyProtocol(true, true, true)))
        .isEqualTo(new Result.Incomplete());
  }

  private static Result text(String line) {
    return ProxyProtocolParser.parse(bytes(line), ANY);
  }

  private static Result binary(String hex) {
    return ProxyProtocolParser.parse(Unpooled.wrappedBuffer(HexFormat.of().parseHex(hex)), ANY);
  }

  private static ByteBuf bytes(String text) {
    return Unpooled.wrappedBuffer(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  private static InetSocketAddress at(String address, int port) {
    return new InetSocketAddress(java.net.InetAddress.ofLiteral(address), port);
  }
}
