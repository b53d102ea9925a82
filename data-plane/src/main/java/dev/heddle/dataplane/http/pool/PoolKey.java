package dev.heddle.dataplane.http.pool;

import dev.heddle.dataplane.config.UpstreamTls;
import dev.heddle.dataplane.connection.HttpProtocol;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/** What connections must have in common to stand for each other. */
record PoolKey(
    String cluster, InetSocketAddress address, @Nullable UpstreamTls tls, HttpProtocol protocol) {}
