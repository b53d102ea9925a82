package dev.heddle.dataplane.hostile;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Attacks that one mesh withstands one after the other, as one that runs for long does. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class AttacksOnOneMesh {
  MeshUnderAttack mesh;

  @BeforeAll
  void start(@TempDir Path directory) throws Exception {
    mesh = MeshUnderAttack.start(directory);
    mesh.assertUnharmed();
  }

  @AfterAll
  void close() throws Exception {
    mesh.close();
  }
}
