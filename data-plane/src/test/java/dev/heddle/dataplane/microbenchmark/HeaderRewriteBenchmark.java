package dev.heddle.dataplane.microbenchmark;

import dev.heddle.dataplane.http.message.Http1RequestScreen;
import dev.heddle.dataplane.http.message.Http1ResponseScreen;
import dev.heddle.dataplane.http.message.MalformedMessageException;
import dev.heddle.dataplane.http.message.RequestHead;
import dev.heddle.dataplane.http.message.ResponseHead;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/**
 * Checking the headers of a message and taking out what concerns one connection only. The message
 * is made anew each time, which {@link #request} alone measures.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class HeaderRewriteBenchmark {
  private final Http1RequestScreen requests = new Http1RequestScreen(100, "http");
  private final Http1ResponseScreen responses = new Http1ResponseScreen(100);

  @Benchmark
  public Object request() {
    return Requests.get("/items/42?view=full");
  }

  @Benchmark
  public RequestHead requestRewritten() throws MalformedMessageException {
    return requests.screen(Requests.get("/items/42?view=full"));
  }

  @Benchmark
  public Object response() {
    return Requests.ok();
  }

  @Benchmark
  public ResponseHead responseRewritten() throws MalformedMessageException {
    return responses.screen(Requests.ok(), false, false, false);
  }
}
