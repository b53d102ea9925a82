package dev.heddle.dataplane.http.message;

import io.netty.handler.codec.http.HttpHeaders;
import java.util.Iterator;
import java.util.Map;

/**
 * Trailers that may be forwarded: well-formed, and nothing that frames, routes or names somebody.
 */
public final class Trailers {
  private Trailers() {}

  /**
   * Removes what may not be forwarded.
   *
   * @param maxHeaders bound on the number of lines
   * @throws MalformedMessageException if there are too many, or a name or value is not valid
   */
  public static void screen(HttpHeaders trailers, int maxHeaders) throws MalformedMessageException {
    if (trailers.size() > maxHeaders) {
      throw MalformedMessageException.badRequest(
          "trailers: " + trailers.size() + " (expected: at most " + maxHeaders + ")");
    }
    Iterator<Map.Entry<CharSequence, CharSequence>> iterator = trailers.iteratorCharSequence();
    while (iterator.hasNext()) {
      Map.Entry<CharSequence, CharSequence> trailer = iterator.next();
      if (!Characters.isToken(trailer.getKey()) || !Characters.isHeaderValue(trailer.getValue())) {
        throw MalformedMessageException.badRequest("trailer (expected: a token and a value)");
      }
    }
    trailers.remove(HeaderNames.CONTENT_LENGTH);
    trailers.remove(HeaderNames.TRANSFER_ENCODING);
    trailers.remove(HeaderNames.TRAILER);
    trailers.remove(HeaderNames.HOST);
    trailers.remove(HeaderNames.CONNECTION);
    trailers.remove(HeaderNames.TE);
    trailers.remove(HeaderNames.UPGRADE);
    OwnHeaders.remove(trailers);
  }
}
