package dev.heddle.dataplane.trace;

import com.google.protobuf.ByteString;
import dev.heddle.dataplane.config.Tracing;
import java.util.function.Consumer;

/** Carries exports to collectors. */
@FunctionalInterface
public interface SpanTransport {

  /** What came of an export. */
  sealed interface Result {
    /**
     * The collector has it.
     *
     * @param answer an ExportTraceServiceResponse
     */
    record Delivered(ByteString answer) implements Result {}

    record Failed(String reason) implements Result {}
  }

  /**
   * Sends one, within the collector's timeout.
   *
   * @param request an ExportTraceServiceRequest
   * @param done told once, at once or later, on this event loop
   */
  void send(Tracing.Collector collector, byte[] request, Consumer<Result> done);
}
