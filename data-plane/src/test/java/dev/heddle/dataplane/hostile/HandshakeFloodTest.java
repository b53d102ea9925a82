package dev.heddle.dataplane.hostile;

import dev.heddle.dataplane.http.harness.RawClient;
import dev.heddle.dataplane.loopback.ClientHellos;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Handshakes that begin and do not go on: more of them than the proxy has room for. */
final class HandshakeFloodTest {
  private static final int MORE_THAN_ROOM = 2200;

  @TempDir private Path directory;

  @Test
  void stalledHandshakesMakeRoomForThoseThatGoOn() throws Exception {
    List<RawClient> stalled = new ArrayList<>();
    try (MeshUnderAttack mesh = MeshUnderAttack.start(directory)) {
      byte[] hello = ClientHellos.of(Side.SERVER_NAME, "h2");
      for (int i = 0; i < MORE_THAN_ROOM; i++) {
        RawClient client = mesh.plaintextToServerSide();
        stalled.add(client);
        client.send(hello);
      }
      mesh.assertUnharmed();
    } finally {
      for (RawClient client : stalled) {
        client.close();
      }
    }
  }
}
