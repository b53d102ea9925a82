package dev.heddle.dataplane.health;

import dev.heddle.dataplane.connection.HttpProtocol;
import dev.heddle.dataplane.http.exchange.UpstreamFailure;
import dev.heddle.dataplane.http.exchange.UpstreamSource;
import dev.heddle.dataplane.http.ownrequest.OwnRequest;
import dev.heddle.dataplane.upstream.Outcome;

/** A check that asks with a request, on a pooled connection. */
abstract class RequestProbe extends OwnRequest implements Probe {
  static final String USER_AGENT = "heddle-health-check";

  private final UpstreamSource source;
  private final Listener listener;

  RequestProbe(
      ProbedEndpoint picked, HttpProtocol protocol, UpstreamSource source, Listener listener) {
    super(picked, protocol);
    this.source = source;
    this.listener = listener;
  }

  @Override
  public final void start() {
    source.open(this);
  }

  @Override
  public final void cancel() {
    cancelStream();
    end(Outcome.NEUTRAL);
  }

  @Override
  public final void onFailure(UpstreamFailure failure) {
    finish(new Result.Unhealthy(failure.reason(), false));
  }

  /** The endpoint itself says that it is not well; the rest of its answer does not matter. */
  final void fail(String reason) {
    cancelStream();
    finish(new Result.Unhealthy(reason, true));
  }

  /** Neutral to the balancer: what is learnt goes to the health check. */
  final void finish(Result result) {
    if (end(Outcome.NEUTRAL)) {
      listener.done(result);
    }
  }
}
