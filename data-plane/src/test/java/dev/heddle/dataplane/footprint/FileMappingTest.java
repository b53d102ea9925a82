package dev.heddle.dataplane.footprint;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

final class FileMappingTest {
  @Test
  void cleanAreOnlyThoseWithoutAPageOfTheProcessItself() {
    String smaps =
        """
        7f0000000000-7f0000004000 r--p 00001000 fe:00 1037 /opt/heddle/proxy/heddle-proxy.aot
        Size:                 16 kB
        Rss:                  16 kB
        Anonymous:             0 kB
        VmFlags: rd mr mw me
        7f0000004000-7f0000008000 rw-p 00005000 fe:00 1037 /opt/heddle/proxy/heddle-proxy.aot
        Anonymous:             0 kB
        7f0000008000-7f0000009000 r-xp 00000000 fe:00 1040 /usr/lib/libc one.so
        Rss:                   0 kB
        Anonymous:             0 kB
        7f0000009000-7f000000a000 r--p 00001000 fe:00 1040 /usr/lib/relocated.so
        Anonymous:             4 kB
        7f000000a000-7f000000b000 r--s 00000000 fe:00 1041 /opt/heddle/runtime/lib/modules
        Anonymous:             0 kB
        7f000000b000-7f000000c000 r--p 00000000 00:00 0
        Anonymous:             0 kB
        7f000000c000-7f000000d000 r-xp 00000000 00:00 0          [vdso]
        Anonymous:             0 kB
        """;
    assertThat(FileMapping.clean(smaps.lines().toList()))
        .containsExactly(
            new FileMapping(0x7f0000000000L, 0x4000, "/opt/heddle/proxy/heddle-proxy.aot", 16),
            new FileMapping(0x7f0000008000L, 0x1000, "/usr/lib/libc one.so", 0));
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void aLibraryWorksAfterItsPagesWereReleased() throws IOException {
    FileMapping jvm = jvm();
    new MemoryAdvice().release(jvm);
    assertThat(jvm().resident()).isLessThan(jvm.resident());
    System.gc();
    assertThat(jvm().start()).isEqualTo(jvm.start());
  }

  private static FileMapping jvm() throws IOException {
    return FileMapping.clean(Files.readAllLines(Path.of("/proc/self/smaps"))).stream()
        .filter(mapping -> mapping.path().endsWith("/libjvm.so"))
        .findFirst()
        .orElseThrow();
  }
}
