package dev.heddle.dataplane.xds.translation;

import dev.heddle.dataplane.config.HttpFilter;
import io.envoyproxy.envoy.extensions.filters.common.fault.v3.FaultDelay;
import io.envoyproxy.envoy.extensions.filters.http.fault.v3.FaultAbort;
import io.envoyproxy.envoy.extensions.filters.http.fault.v3.HTTPFault;
import java.time.Duration;
import java.util.Set;

/** envoy.extensions.filters.http.fault.v3. */
final class FaultTranslator {

  /** UNAUTHENTICATED, the last of google.rpc.Code. */
  private static final int MAX_GRPC_STATUS = 16;

  /** Of an answer with a gRPC status, also to who did not ask by gRPC; as Envoy does. */
  private static final int OK = 200;

  private FaultTranslator() {}

  static HttpFilter.Fault fault(HTTPFault fault, FieldPath path) {
    path.allowOnly(
        fault,
        Set.of("delay", "abort", "headers"),
        Set.of(
            "delay_percent_runtime",
            "abort_percent_runtime",
            "delay_duration_runtime",
            "abort_http_status_runtime",
            "abort_grpc_status_runtime",
            "max_active_faults_runtime",
            "response_rate_limit_percent_runtime",
            "disable_downstream_cluster_stats"));
    return new HttpFilter.Fault(
        fault.hasDelay() ? delay(fault.getDelay(), path.field("delay")) : null,
        fault.hasAbort() ? abort(fault.getAbort(), path.field("abort")) : null,
        RequestMatchTranslator.headers(fault.getHeadersList(), path));
  }

  private static HttpFilter.Fault.Delay delay(FaultDelay delay, FieldPath path) {
    path.allowOnly(delay, Set.of("fixed_delay", "percentage"));
    FieldPath at = path.field("fixed_delay");
    Duration length = Values.duration(delay.getFixedDelay(), at);
    if (!length.isPositive()) {
      throw at.invalid(length, "above 0");
    }
    return new HttpFilter.Fault.Delay(
        length, Values.share(delay.getPercentage(), path.field("percentage")));
  }

  private static HttpFilter.Fault.Abort abort(FaultAbort abort, FieldPath path) {
    path.allowOnly(abort, Set.of("http_status", "grpc_status", "percentage"));
    int status =
        switch (abort.getErrorTypeCase()) {
          case HTTP_STATUS -> {
            if (abort.getHttpStatus() < 200 || abort.getHttpStatus() > 599) {
              throw path.field("http_status")
                  .invalid(Integer.toUnsignedString(abort.getHttpStatus()), "200 to 599");
            }
            yield abort.getHttpStatus();
          }
          case GRPC_STATUS -> {
            if (abort.getGrpcStatus() < 0 || abort.getGrpcStatus() > MAX_GRPC_STATUS) {
              throw path.field("grpc_status")
                  .invalid(
                      Integer.toUnsignedString(abort.getGrpcStatus()), "0 to " + MAX_GRPC_STATUS);
            }
            yield OK;
          }
          case HEADER_ABORT, ERRORTYPE_NOT_SET ->
              throw path.invalid(abort.getErrorTypeCase(), "http_status or grpc_status");
        };
    return new HttpFilter.Fault.Abort(
        status,
        abort.hasGrpcStatus() ? abort.getGrpcStatus() : -1,
        Values.share(abort.getPercentage(), path.field("percentage")));
  }
}
