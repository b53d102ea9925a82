package dev.heddle.dataplane.http.http1;

import dev.heddle.dataplane.http.message.MalformedMessageException;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpConstants;

/**
 * Looks at the bytes of a request's head before the codec does, for what the codec repairs
 * silently: a request line with other separators than two single spaces (RFC 9112, 3), a version in
 * lower case (2.3), and folded header lines (5.2).
 */
final class HeadGuard {
  private static final byte[] VERSION = {'H', 'T', 'T', 'P', '/'};

  private HeadGuard() {}

  /**
   * Checks all complete lines of the head that are in the buffer; moves nothing.
   *
   * @param atRequestLine whether the buffer begins with the request line, possibly after empty
   *     lines, or else with a header line
   */
  static void check(ByteBuf in, boolean atRequestLine) throws MalformedMessageException {
    int line = in.readerIndex();
    int end = in.writerIndex();
    boolean first = atRequestLine;
    if (first) {
      while (line < end
          && (in.getByte(line) == HttpConstants.CR || in.getByte(line) == HttpConstants.LF)) {
        line++;
      }
    }
    while (line < end) {
      byte start = in.getByte(line);
      if (start == HttpConstants.SP || start == HttpConstants.HT) {
        throw MalformedMessageException.badRequest("head (expected: no folded line)");
      }
      int lineFeed = in.indexOf(line, end, HttpConstants.LF);
      if (lineFeed < 0) {
        return;
      }
      if (lineFeed == line || in.getByte(lineFeed - 1) != HttpConstants.CR) {
        throw MalformedMessageException.badRequest("head (expected: lines that end in CRLF)");
      }
      if (first) {
        checkRequestLine(in, line, lineFeed - 1);
        first = false;
      } else if (lineFeed == line + 1) {
        return;
      }
      line = lineFeed + 1;
    }
  }

  private static void checkRequestLine(ByteBuf in, int start, int end)
      throws MalformedMessageException {
    int spaces = 0;
    int version = start;
    byte previous = HttpConstants.SP;
    for (int i = start; i < end; i++) {
      byte c = in.getByte(i);
      if (c == HttpConstants.SP) {
        if (previous == HttpConstants.SP) {
          throw requestLine();
        }
        spaces++;
        version = i + 1;
      } else if (c < HttpConstants.SP || c == 0x7f) {
        // Bytes are signed: this refuses control characters and everything beyond ASCII.
        throw requestLine();
      }
      previous = c;
    }
    if (spaces != 2 || end - version < VERSION.length) {
      throw requestLine();
    }
    for (int i = 0; i < VERSION.length; i++) {
      if (in.getByte(version + i) != VERSION[i]) {
        throw requestLine();
      }
    }
  }

  private static MalformedMessageException requestLine() {
    return MalformedMessageException.badRequest(
        "request line (expected: method, target and version in ASCII, separated by single spaces)");
  }
}
