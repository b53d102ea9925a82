package dev.heddle.dataplane.telemetry;

import dev.heddle.dataplane.config.Cluster;
import dev.heddle.dataplane.config.Workload;
import dev.heddle.dataplane.connection.ConnectionContext;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/** One TCP connection carried as bytes. */
public record ConnectionReport(
    ConnectionContext connection,
    Cluster.@Nullable Destination destination,
    Workload peer,
    @Nullable InetSocketAddress upstream,
    boolean upstreamMutualTls,
    @Nullable ResponseFlag flags,
    long startEpochMillis,
    long startNanos) {}
