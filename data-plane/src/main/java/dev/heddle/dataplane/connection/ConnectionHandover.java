package dev.heddle.dataplane.connection;

import dev.heddle.dataplane.config.TerminalFilter;
import io.netty.channel.Channel;

/**
 * Takes over a downstream channel for a terminal filter. The channel's pipeline holds TLS (if any) and
 * nothing else; auto-read is off; bytes read so far are fired into the pipeline after this returns. Called on the channel's event
 * loop.
 */
public interface ConnectionHandover {

  void http(
      Channel channel,
      ConnectionContext context,
      TerminalFilter.HttpConnectionManager filter,
      HttpProtocol protocol);

  void tcp(Channel channel, ConnectionContext context, TerminalFilter.TcpProxy filter);
}
