package dev.heddle.dataplane.microbenchmark;

import dev.heddle.dataplane.config.RouteConfiguration;
import dev.heddle.dataplane.http.message.Http1RequestScreen;
import dev.heddle.dataplane.http.message.MalformedMessageException;
import dev.heddle.dataplane.http.message.RequestHead;
import dev.heddle.dataplane.http.route.Router;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** Finding the last of twenty routes. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class RouteMatchBenchmark {
  private final RouteConfiguration routes = Served.routes(Served.configuration());
  private final RequestHead request;

  public RouteMatchBenchmark() {
    try {
      request = new Http1RequestScreen(100, "http").screen(Requests.get("/items/42?view=full"));
    } catch (MalformedMessageException e) {
      throw new IllegalStateException(e);
    }
  }

  @Benchmark
  public RouteConfiguration.@Nullable Route route() {
    return Router.route(routes, request);
  }
}
