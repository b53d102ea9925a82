package dev.heddle.dataplane.hostile;

import static dev.heddle.dataplane.http.harness.RawClient.lines;
import static org.assertj.core.api.Assertions.assertThat;

import dev.heddle.dataplane.LoopbackMesh;
import dev.heddle.dataplane.LoopbackMesh.AppProtocol;
import dev.heddle.dataplane.http.harness.RawClient;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Two proxies with a {@link Victim} behind them. */
final class MeshUnderAttack implements AutoCloseable {
  /** What no attack may bring the victim to see. */
  static final String SMUGGLED = "/smuggled";

  /** What attacks append: the request that is to be taken for one. */
  static final String SMUGGLED_REQUEST = lines("GET " + SMUGGLED + " HTTP/1.1", "Host: shop");

  private final Victim victim;
  private final LoopbackMesh mesh;

  private MeshUnderAttack(Victim victim, LoopbackMesh mesh) {
    this.victim = victim;
    this.mesh = mesh;
  }

  /** The victim speaks HTTP/1, so that HTTP/2 is translated on its last step. */
  static MeshUnderAttack start(Path directory) throws Exception {
    Victim victim = new Victim();
    return new MeshUnderAttack(
        victim, LoopbackMesh.start(directory, victim.address(), AppProtocol.HTTP1));
  }

  /** The same with an access policy at the server's side. */
  static MeshUnderAttack enforcing(Path directory, String rules) throws Exception {
    Victim victim = new Victim();
    return new MeshUnderAttack(
        victim, LoopbackMesh.enforcing(directory, victim.address(), AppProtocol.HTTP1, rules));
  }

  RawClient http1(Side side) throws Exception {
    return new RawClient(side.http1(mesh));
  }

  Http2Wire http2(Side side, int... settings) throws Exception {
    return Http2Wire.client(side.http2(mesh), settings);
  }

  /** From outside the mesh, without TLS, to where only members may come. */
  RawClient plaintextToServerSide() throws Exception {
    return new RawClient(mesh.serverSide());
  }

  /** Complete requests that the victim got, all in all. */
  List<Victim.Request> received() {
    return victim.requests();
  }

  /** What the victim got since it had got that many. */
  List<Victim.Request> receivedSince(int before) {
    return victim.requests().subList(before, victim.requests().size());
  }

  /** Other callers are served as if nothing had happened, and nothing was smuggled. */
  void assertUnharmed() throws Exception {
    for (Side side : Side.values()) {
      try (RawClient client = http1(side)) {
        for (int i = 0; i < 2; i++) {
          client.send(lines("GET /honest HTTP/1.1", "Host: shop"));
          assertThat(client.response()).startsWith("HTTP/1.1 200 ").endsWith("ok");
        }
      }
    }
    assertNothingSmuggled();
  }

  void assertNothingSmuggled() {
    assertThat(victim.requests())
        .allSatisfy(request ->
            assertThat(request.target()).as("what the victim saw").doesNotContain(SMUGGLED));
  }

  @Override
  public void close() throws IOException {
    mesh.close();
    victim.close();
  }
}
