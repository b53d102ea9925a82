package dev.heddle.dataplane.fuzz;

import dev.heddle.dataplane.config.ProxyProtocol;
import dev.heddle.dataplane.detection.ProxyProtocolParser;
import dev.heddle.dataplane.detection.ProxyProtocolParser.Result;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.List;

/**
 * The input is the first bytes of a connection that may begin with a PROXY protocol header. The
 * parser never fails, takes nothing away, claims no more bytes than there are, and says the same
 * however the bytes arrive.
 */
final class ProxyProtocolFuzz {
  private static final List<ProxyProtocol> SETTINGS =
      List.of(
          new ProxyProtocol(true, true, true),
          new ProxyProtocol(false, true, true),
          new ProxyProtocol(false, true, false),
          new ProxyProtocol(false, false, true));

  private ProxyProtocolFuzz() {}

  static void check(byte[] input) {
    for (ProxyProtocol settings : SETTINGS) {
      Result whole = parse(input, input.length, settings);
      for (int length = 0; length < input.length; length++) {
        Result early = parse(input, length, settings);
        if (!(early instanceof Result.Incomplete) && !early.equals(whole)) {
          throw new AssertionError(
              early + " after " + length + " bytes, " + whole + " after " + input.length);
        }
      }
    }
  }

  private static Result parse(byte[] input, int length, ProxyProtocol settings) {
    ByteBuf bytes = Unpooled.wrappedBuffer(input, 0, length);
    Result result = ProxyProtocolParser.parse(bytes, settings);
    if (bytes.readableBytes() != length) {
      throw new AssertionError("took " + (length - bytes.readableBytes()) + " bytes");
    }
    if (result instanceof Result.Header header && header.length() > length) {
      throw new AssertionError(header + " of " + length + " bytes");
    }
    return result;
  }
}
