package dev.heddle.dataplane.footprint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

final class PageTableTest {
  private static final int PAGE_SIZE = 4096;
  private static final long ABSENT = 0;
  private static final long READ = 0xa180_0000_0000_0000L; // present, of a file
  private static final long WRITTEN = 0x8180_0000_0000_0000L; // present
  private static final long SWAPPED = 0x4000_0000_0000_0000L;

  @TempDir private Path directory;

  @Test
  void countsThePagesOfTheMappingThatAreInMemory() throws IOException {
    PageTable table = table(WRITTEN, READ, ABSENT, READ, WRITTEN);
    assertThat(table.cleanBytes(pages(1, 3))).isEqualTo(2 * PAGE_SIZE);
  }

  @Test
  void countsThoseOfALargeMapping() throws IOException {
    PageTable table = table(LongStream.range(0, 5000).map(page -> READ).toArray());
    assertThat(table.cleanBytes(pages(0, 5000))).isEqualTo(5000 * PAGE_SIZE);
  }

  @Test
  void aMappingWithAPageThatWasWrittenIsNotClean() throws IOException {
    assertThat(table(READ, WRITTEN).cleanBytes(pages(0, 2))).isZero();
    assertThat(table(READ, SWAPPED).cleanBytes(pages(0, 2))).isZero();
  }

  @Test
  void aTableThatEndsTooEarlyIsAFailure() throws IOException {
    PageTable table = table(READ);
    assertThatThrownBy(() -> table.cleanBytes(pages(0, 2)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("ends before");
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void aLibraryWorksAfterItsPagesWereReleased() throws IOException {
    MemoryAdvice advice = new MemoryAdvice();
    PageTable table = new PageTable(Path.of("/proc/self/pagemap"), advice.pageSize());
    FileMapping machine = codeOfTheJavaMachine();
    long before = table.cleanBytes(machine);
    advice.release(machine);
    assertThat(table.cleanBytes(machine)).isPositive().isLessThan(before);
    System.gc();
    assertThat(codeOfTheJavaMachine()).isEqualTo(machine);
  }

  private static FileMapping codeOfTheJavaMachine() throws IOException {
    return Files.readAllLines(Path.of("/proc/self/maps")).stream()
        .filter(line -> line.endsWith("/libjvm.so") && line.contains(" r-xp "))
        .flatMap(line -> FileMapping.parse(line).stream())
        .findFirst()
        .orElseThrow();
  }

  private PageTable table(long... entries) throws IOException {
    ByteBuffer bytes =
        ByteBuffer.allocate(entries.length * Long.BYTES).order(ByteOrder.nativeOrder());
    bytes.asLongBuffer().put(entries);
    return new PageTable(Files.write(directory.resolve("pagemap"), bytes.array()), PAGE_SIZE);
  }

  private static FileMapping pages(long first, long count) {
    return new FileMapping(first * PAGE_SIZE, count * PAGE_SIZE, "/opt/heddle/proxy.aot");
  }
}
