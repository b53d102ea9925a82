package dev.heddle.dataplane.http.filter;

import dev.heddle.dataplane.config.HeaderMutation;
import dev.heddle.dataplane.http.message.RequestHead;
import dev.heddle.dataplane.telemetry.ResponseFlag;
import java.util.List;

/** What a filter says of a request. */
public sealed interface Verdict {

  /** Nothing against it. */
  record Pass() implements Verdict {
    static final Pass PASS = new Pass();
  }

  /** Nothing against it, and it goes on as this one. */
  record Amend(RequestHead request) implements Verdict {}

  /**
   * It is held for that long, and then asked about by the next filter.
   *
   * @param nanos above 0
   */
  record Hold(long nanos) implements Verdict {}

  /** It is held until the fetch is over, and then asked about again. */
  record Await(KeyFetch fetch) implements Verdict {}

  /**
   * It is answered.
   *
   * @param grpcStatus what a gRPC client gets; -1 for what follows from the HTTP status
   * @param headers put onto the answer
   */
  record Answer(
      int status, int grpcStatus, ResponseFlag flag, String reason, List<HeaderMutation> headers)
      implements Verdict {
    public Answer {
      headers = List.copyOf(headers);
    }

    Answer(int status, ResponseFlag flag, String reason) {
      this(status, -1, flag, reason, List.of());
    }
  }
}
