package dev.heddle.dataplane.connection;

import dev.heddle.dataplane.config.TerminalFilter;
import io.netty.channel.Channel;

/**
 * Takes over a downstream channel that speaks HTTP. The channel's pipeline holds TLS (if any) and
 * nothing else; auto-read and half-closure are off; bytes read so far are fired into the pipeline
 * after this returns. Called on the channel's event loop. When the proxy drains, {@link
 * dev.heddle.dataplane.lifecycle.DrainNotice} is fired through the pipeline as a user event, at
 * once after the handover when draining has begun before.
 */
@FunctionalInterface
public interface ConnectionHandover {

  void http(
      Channel channel,
      ConnectionContext context,
      TerminalFilter.HttpConnectionManager filter,
      HttpProtocol protocol);
}
