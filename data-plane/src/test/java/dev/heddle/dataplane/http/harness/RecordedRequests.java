package dev.heddle.dataplane.http.harness;

import dev.heddle.dataplane.telemetry.ConnectionReport;
import dev.heddle.dataplane.telemetry.RequestReport;
import dev.heddle.dataplane.telemetry.TrafficObserver;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Keeps the reports of requests, and nothing of connections. */
final class RecordedRequests implements TrafficObserver {
  private final List<RequestReport> reports = new CopyOnWriteArrayList<>();

  /** So far; goes on growing. */
  List<RequestReport> reports() {
    return reports;
  }

  @Override
  public void requestFinished(RequestReport report) {
    reports.add(report);
  }

  @Override
  public void connectionOpened(ConnectionReport report) {}

  @Override
  public void bytesCarried(ConnectionReport report, long sent, long received) {}

  @Override
  public void connectionClosed(ConnectionReport report) {}
}
