package dev.heddle.dataplane.telemetry;

/** Tells two. */
public record TrafficObservers(TrafficObserver first, TrafficObserver second)
    implements TrafficObserver {

  @Override
  public void requestFinished(RequestReport report) {
    first.requestFinished(report);
    second.requestFinished(report);
  }

  @Override
  public void requestMirrored(String cluster, MirrorOutcome outcome) {
    first.requestMirrored(cluster, outcome);
    second.requestMirrored(cluster, outcome);
  }

  @Override
  public void connectionOpened(ConnectionReport report) {
    first.connectionOpened(report);
    second.connectionOpened(report);
  }

  @Override
  public void bytesCarried(ConnectionReport report, long sent, long received) {
    first.bytesCarried(report, sent, received);
    second.bytesCarried(report, sent, received);
  }

  @Override
  public void connectionClosed(ConnectionReport report) {
    first.connectionClosed(report);
    second.connectionClosed(report);
  }
}
