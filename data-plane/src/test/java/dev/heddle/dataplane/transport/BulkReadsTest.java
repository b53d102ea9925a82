package dev.heddle.dataplane.transport;

import static dev.heddle.dataplane.transport.BulkReads.LARGEST_BUFFER;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.RecvByteBufAllocator.ExtendedHandle;
import io.netty.channel.embedded.EmbeddedChannel;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class BulkReadsTest {

  private static final int END = -1;

  private final EmbeddedChannel channel = new EmbeddedChannel();
  private final ExtendedHandle demand = new BulkReads().newHandle();

  @BeforeEach
  void readsOnlyWhenAsked() {
    channel.config().setAutoRead(false);
    demand.reset(channel.config());
  }

  @Test
  void readsOnWhileTheLargestBufferIsFilled() {
    read(LARGEST_BUFFER, LARGEST_BUFFER);
    assertThat(demand.continueReading()).isTrue();
    read(LARGEST_BUFFER, LARGEST_BUFFER - 1);
    assertThat(demand.continueReading()).isFalse();
  }

  @Test
  void readsASmallerBufferAtATime() {
    read(LARGEST_BUFFER / 2, LARGEST_BUFFER / 2);
    assertThat(demand.continueReading()).isFalse();
    assertThat(demand.continueReading(() -> true)).isFalse();
  }

  @Test
  void asksWhoKnowsBetterWhetherThereIsMore() {
    read(LARGEST_BUFFER, LARGEST_BUFFER);
    assertThat(demand.continueReading(() -> false)).isFalse();
    assertThat(demand.continueReading(() -> true)).isTrue();
  }

  @Test
  void endsWhereNothingIsThereOrNothingWillBe() {
    read(LARGEST_BUFFER, 0);
    assertThat(demand.continueReading(() -> true)).isFalse();
    read(LARGEST_BUFFER, END);
    assertThat(demand.continueReading(() -> true)).isFalse();
  }

  @Test
  void leavesTheRestToTheNextDemand() {
    int reads = 0;
    do {
      read(LARGEST_BUFFER, LARGEST_BUFFER);
      reads++;
    } while (demand.continueReading());
    assertThat(reads).isEqualTo(BulkReads.MAX_BYTES / LARGEST_BUFFER);
    demand.reset(channel.config());
    read(LARGEST_BUFFER, LARGEST_BUFFER);
    assertThat(demand.continueReading()).isTrue();
  }

  private void read(int asked, int came) {
    demand.attemptedBytesRead(asked);
    demand.lastBytesRead(came);
  }
}
