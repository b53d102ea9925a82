package dev.heddle.dataplane.http.http2;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.http2.Http2Error;
import org.junit.jupiter.api.Test;

final class EndedStreamsTest {
  private final EndedStreams ended = new EndedStreams();

  @Test
  void tellsStreamsApartThatWereNeverOpened() {
    ended.opened(1);
    ended.opened(3);
    ended.opened(9);
    assertThat(ended.errorOf(1)).isEqualTo(Http2Error.STREAM_CLOSED);
    assertThat(ended.errorOf(3)).isEqualTo(Http2Error.STREAM_CLOSED);
    assertThat(ended.errorOf(5)).isEqualTo(Http2Error.PROTOCOL_ERROR);
    assertThat(ended.errorOf(7)).isEqualTo(Http2Error.PROTOCOL_ERROR);
    assertThat(ended.errorOf(9)).isEqualTo(Http2Error.STREAM_CLOSED);
  }

  @Test
  void forgivesWhatWasOnItsWayWhenTheStreamWasReset() {
    for (int stream = 1; stream < 257; stream += 2) {
      ended.opened(stream);
      ended.reset(stream);
    }
    assertThat(ended.errorOf(1)).isNull();
    assertThat(ended.errorOf(255)).isNull();
    ended.opened(257);
    ended.reset(257);
    assertThat(ended.errorOf(1)).isEqualTo(Http2Error.STREAM_CLOSED);
    assertThat(ended.errorOf(257)).isNull();
  }
}
