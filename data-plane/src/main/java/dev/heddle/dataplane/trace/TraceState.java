package dev.heddle.dataplane.trace;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** What tracing systems pass on beside the context: the tracestate header (W3C, 3.3). */
public final class TraceState {
  public static final String HEADER = "tracestate";

  private static final int MAX_MEMBERS = 32;

  /** What must be passed on at least, and is at most. */
  private static final int MAX_LENGTH = 512;

  /** Members beyond it go first where all is too long. */
  private static final int LARGE = 128;

  /** Beyond it nothing is looked at. */
  private static final int MAX_READ = 16 * 1024;

  private static final Pattern MEMBER =
      Pattern.compile(
          "(?:[a-z][a-z0-9_*/-]{0,255}|[a-z0-9][a-z0-9_*/-]{0,240}@[a-z][a-z0-9_*/-]{0,13})"
              + "=[ -+\\--<>-~]{0,255}[!-+\\--<>-~]");

  private TraceState() {}

  /**
   * What is passed on of these headers, together a list in their order.
   *
   * @return empty if there is nothing, or if any of it is invalid
   */
  public static String of(List<String> headers) {
    if (headers.isEmpty()) {
      return "";
    }
    String joined = headers.size() == 1 ? headers.getFirst() : String.join(",", headers);
    if (joined.length() > MAX_READ) {
      return "";
    }
    List<String> members = new ArrayList<>();
    int length = -1;
    for (String piece : joined.split(",", -1)) {
      String member = piece.strip();
      if (!member.isEmpty()) {
        if (members.size() == MAX_MEMBERS || !MEMBER.matcher(member).matches()) {
          return "";
        }
        members.add(member);
        length += member.length() + 1;
      }
    }
    for (int i = members.size() - 1; i >= 0 && length > MAX_LENGTH; i--) {
      if (members.get(i).length() > LARGE) {
        length -= members.remove(i).length() + 1;
      }
    }
    while (length > MAX_LENGTH) {
      length -= members.removeLast().length() + 1;
    }
    return String.join(",", members);
  }
}
