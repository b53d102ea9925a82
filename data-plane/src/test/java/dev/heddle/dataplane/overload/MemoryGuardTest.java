package dev.heddle.dataplane.overload;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heddle.dataplane.overload.MemoryGuard.Level;
import io.netty.buffer.PooledByteBufAllocator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class MemoryGuardTest {
  private final Memory memory = new Memory();

  @ParameterizedTest
  @CsvSource({
    "0, 0, ENOUGH",
    "849, 849, ENOUGH",
    "850, 0, SHORT",
    "0, 850, SHORT",
    "0, 949, SHORT",
    "950, 0, OUT",
    "0, 1000, OUT",
  })
  void knowsHowMuchIsLeft(long heap, long direct, Level level) {
    assertThat(memory.used(heap, direct).guard().level()).isEqualTo(level);
  }

  @Test
  void shedsUntilThereIsEnoughAgain() {
    assertThat(memory.used(0, 900).guard().isShort()).isTrue();
    assertThat(memory.used(0, 800).guard().isShort()).isTrue();
    assertThat(memory.used(0, 749).guard().isShort()).isFalse();
    assertThat(memory.used(0, 800).guard().isShort()).isFalse();
  }

  @Test
  void asksIdleConnectionsToMakeRoomWhileMemoryIsShort() {
    assertThat(memory.used(0, 500).reliefs()).isZero();
    assertThat(memory.used(0, 900).used(0, 900).reliefs()).isEqualTo(2);
  }

  /** Without one a heap that is full of garbage would look full for ever. */
  @Test
  void collectsNowAndThenWhileTheHeapIsShort() {
    assertThat(memory.pass(3).used(0, 900).collections()).isZero();
    assertThat(memory.used(900, 0).used(900, 0).collections()).isEqualTo(1);
    assertThat(memory.pass(3).used(900, 0).collections()).isEqualTo(2);
    assertThat(memory.pass(3).used(100, 0).collections()).isEqualTo(2);
  }

  @Test
  void readsTheMemoryOfThisProcess() {
    MemoryUse buffers = ProcessMemory.buffers(PooledByteBufAllocator.DEFAULT).get();
    assertThat(buffers.limit()).isPositive();
    assertThat(buffers.used()).isNotNegative();
    assertThat(ProcessMemory.heapAfterCollection().get().used()).isNotNegative();
  }

  @ParameterizedTest
  @CsvSource({
    "1048576, 20000",
    "unlimited, 20000",
    "20000, 9936",
    "1024, 448",
    "100, 64",
  })
  void leavesFileDescriptorsForServers(String openFiles, int connections) {
    assertThat(
            ConnectionLimit.of(
                """
                Limit                     Soft Limit           Hard Limit           Units
                Max processes             95000                95000                processes
                Max open files            %-20s 1048576              files
                """
                    .formatted(openFiles)))
        .isEqualTo(connections);
  }

  @Test
  void readsTheLimitsOfThisProcess() {
    assertThat(ConnectionLimit.ofProcess()).isBetween(64, 20_000);
  }
}
