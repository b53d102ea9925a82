package dev.heddle.dataplane.loopback;

import dev.heddle.dataplane.telemetry.ConnectionReport;
import dev.heddle.dataplane.telemetry.RequestReport;
import dev.heddle.dataplane.telemetry.TrafficObserver;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;

/** Keeps what it is told. */
public final class RecordingObserver implements TrafficObserver {
  private final List<ConnectionReport> opened = new CopyOnWriteArrayList<>();
  private final List<ConnectionReport> closed = new CopyOnWriteArrayList<>();
  private final AtomicLong sent = new AtomicLong();
  private final AtomicLong received = new AtomicLong();

  @Override
  public void requestFinished(RequestReport report) {
    throw new AssertionError("no HTTP here: " + report);
  }

  @Override
  public void connectionOpened(ConnectionReport report) {
    opened.add(report);
  }

  @Override
  public void bytesCarried(ConnectionReport report, long sentBytes, long receivedBytes) {
    sent.addAndGet(sentBytes);
    received.addAndGet(receivedBytes);
  }

  @Override
  public void connectionClosed(ConnectionReport report) {
    closed.add(report);
  }

  public List<ConnectionReport> opened() {
    return opened;
  }

  public List<ConnectionReport> closed() {
    return closed;
  }

  public long sent() {
    return sent.get();
  }

  public long received() {
    return received.get();
  }
}
