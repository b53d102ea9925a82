package dev.heddle.dataplane.http.exchange;

import io.netty.channel.Channel;
import io.netty.handler.codec.DecoderException;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where exceptions end that reach the end of a pipeline: a peer's doing is a detail, ours is an
 * error.
 */
public final class PipelineFailures {
  private static final Logger LOG = LoggerFactory.getLogger(PipelineFailures.class);

  private PipelineFailures() {}

  public static void log(Channel channel, Throwable cause) {
    if (cause instanceof IOException || cause instanceof DecoderException) {
      LOG.debug("Connection {} failed: {}", channel, cause.toString());
    } else {
      LOG.error("Connection {} is closed because of an error in the proxy", channel, cause);
    }
  }
}
