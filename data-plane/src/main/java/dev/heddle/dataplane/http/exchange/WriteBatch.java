package dev.heddle.dataplane.http.exchange;

import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Flushes each connection once per turn of its event loop, however many streams wrote to it: one
 * system call instead of many.
 */
public final class WriteBatch implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(WriteBatch.class);

  private final EventLoop eventLoop;
  private List<Flushable> touched = new ArrayList<>();
  private List<Flushable> spare = new ArrayList<>();

  /** A connection with writes that are not flushed. */
  public interface Flushable {
    void flushWrites();
  }

  public WriteBatch(EventLoop eventLoop) {
    this.eventLoop = eventLoop;
  }

  /** Called by a connection once between two flushes. */
  public void touch(Flushable connection) {
    if (touched.isEmpty()) {
      eventLoop.execute(this);
    }
    touched.add(connection);
  }

  @Override
  public void run() {
    List<Flushable> flushing = touched;
    touched = spare;
    spare = flushing;
    for (int i = 0; i < flushing.size(); i++) {
      flush(flushing.get(i));
    }
    flushing.clear();
  }

  /** One connection that fails must not keep the others from being flushed. */
  private static void flush(Flushable connection) {
    try {
      connection.flushWrites();
    } catch (RuntimeException e) {
      LOG.error("Cannot flush {}", connection, e);
    }
  }
}
