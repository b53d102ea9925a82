package dev.heddle.dataplane.telemetry;

import dev.heddle.dataplane.config.Cluster;
import dev.heddle.dataplane.config.Workload;
import dev.heddle.dataplane.connection.ConnectionContext;
import dev.heddle.dataplane.connection.HttpProtocol;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP request from its first byte in to its last byte out.
 *
 * @param peer the workload at the other end of the mesh as far as known: the endpoint's outbound,
 *     the caller's inbound
 * @param upstream where it was sent last; null if nowhere
 * @param grpcStatus -1 when the request is not gRPC or had no status
 * @param flags why the proxy itself answered or cut, see {@link ResponseFlag}; null when it did not
 * @param detail the same in words: which limit, which policy; null when it did not
 */
public record RequestReport(
    ConnectionContext connection,
    HttpProtocol protocol,
    boolean grpc,
    String method,
    String authority,
    String path,
    int status,
    int grpcStatus,
    @Nullable ResponseFlag flags,
    Cluster.@Nullable Destination destination,
    Workload peer,
    @Nullable InetSocketAddress upstream,
    boolean upstreamMutualTls,
    long requestBytes,
    long responseBytes,
    long startEpochMillis,
    long durationNanos,
    int attempts,
    @Nullable String detail) {}
