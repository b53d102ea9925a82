package dev.heddle.dataplane.footprint;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class FileMappingTest {
  @Test
  void thatOfALibraryHasItsAddressAndItsFile() {
    assertThat(
            List.of(
                FileMapping.parse(
                    "7f0000000000-7f0000004000 r--p 00001000 fe:00 1037       /opt/heddle/proxy.aot"),
                FileMapping.parse(
                    "7f0000008000-7f0000009000 r-xp 00000000 fe:00 1040 /usr/lib/libc one.so")))
        .map(mapping -> mapping.orElseThrow())
        .containsExactly(
            new FileMapping(0x7f0000000000L, 0x4000, "/opt/heddle/proxy.aot"),
            new FileMapping(0x7f0000008000L, 0x1000, "/usr/lib/libc one.so"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "7f0000004000-7f0000008000 rw-p 00005000 fe:00 1037 /opt/heddle/proxy/heddle-proxy.aot",
        "7f000000a000-7f000000b000 r--s 00000000 fe:00 1041 /opt/heddle/runtime/lib/modules",
        "7f000000b000-7f000000c000 r--p 00000000 00:00 0",
        "7f000000c000-7f000000d000 r-xp 00000000 00:00 0          [vdso]",
        ""
      })
  void whatCanBeWrittenIsSharedOrIsOfNoFileIsNone(String line) {
    assertThat(FileMapping.parse(line)).isEmpty();
  }
}
