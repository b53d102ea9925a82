package dev.heddle.meshapi.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.heddle.meshapi.telemetry.v1.SparseHistogram;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

final class LatencyHistogramTest {

  private static final double[] PERCENTS = {1, 10, 50, 90, 99, 99.9, 100};

  /** Shapes that latencies have. */
  enum Distribution {
    CONSTANT,
    UNIFORM,
    EXPONENTIAL,
    LOG_NORMAL,
    /** Most are fast, some wait for a lock of 200 ms. */
    TWO_HUMPS,
    /** Loopback: a few dozen microseconds. */
    TINY,
    HEAVY_TAIL;

    private double next(Random random) {
      return switch (this) {
        case CONSTANT -> 1_250;
        case UNIFORM -> 1 + random.nextDouble() * 100_000;
        case EXPONENTIAL -> -3_000 * Math.log(1 - random.nextDouble());
        case LOG_NORMAL -> Math.exp(8 + 1.2 * random.nextGaussian());
        case TWO_HUMPS ->
            random.nextInt(10) < 9
                ? 800 + 100 * random.nextDouble()
                : 200_000 + 9_000 * random.nextDouble();
        case TINY -> 20.0 + random.nextInt(60);
        case HEAVY_TAIL -> 500 / Math.pow(1 - random.nextDouble(), 0.8);
      };
    }

    long[] sample(int size, long seed) {
      Random random = new Random(seed);
      return LongStream.generate(() -> (long) next(random)).limit(size).toArray();
    }
  }

  @ParameterizedTest
  @EnumSource
  void percentilesAreThoseOfTheSample(Distribution distribution) {
    long[] sample = distribution.sample(20_000, 42);
    LatencyHistogram histogram = LatencyHistogram.of(sample);
    Arrays.sort(sample);

    for (double percent : PERCENTS) {
      double exact = sample[(int) Math.ceil(percent / 100 * sample.length) - 1];
      assertThat(histogram.percentileMicros(percent))
          .as("%s %% of %s", percent, distribution)
          .isCloseTo(exact, within(exact * 0.016 + 0.001));
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20})
  void mergedPartsAreTheWhole(long seed) {
    Random random = new Random(seed);
    Distribution[] shapes = Distribution.values();
    long[] all = {};
    LatencyHistogram merged = LatencyHistogram.EMPTY;
    int parts = 1 + random.nextInt(8);
    for (int part = 0; part < parts; part++) {
      long[] sample =
          shapes[random.nextInt(shapes.length)].sample(random.nextInt(500), random.nextLong());
      LatencyHistogram next = LatencyHistogram.of(sample);
      merged = random.nextBoolean() ? merged.plus(next) : next.plus(merged);
      all = LongStream.concat(Arrays.stream(all), Arrays.stream(sample)).toArray();
    }

    assertThat(merged).isEqualTo(LatencyHistogram.of(all));
    assertThat(merged.total()).isEqualTo(all.length);
    assertThat(LatencyHistogram.of(merged.toMessage())).isEqualTo(merged);
  }

  @Test
  void everyBucketHoldsWhatItsMiddleStandsFor() {
    long previous = -1;
    for (long micros = 0; micros < 1L << 36; micros += 1 + micros / 97) {
      int index = LatencyBuckets.index(micros);
      assertThat(index).isBetween((int) Math.max(previous, 0), LatencyBuckets.COUNT - 1);
      assertThat(LatencyBuckets.middleMicros(index))
          .isCloseTo((double) micros, within(micros * 0.016 + 0.001));
      previous = index;
    }
  }

  @Test
  void whatIsBeyondTheBucketsCountsInTheLast() {
    assertThat(LatencyBuckets.index(Long.MAX_VALUE)).isEqualTo(LatencyBuckets.COUNT - 1);
    assertThat(LatencyBuckets.index((1L << 36) - 1)).isEqualTo(LatencyBuckets.COUNT - 1);
    assertThat(LatencyBuckets.index(-5)).isZero();
  }

  @ParameterizedTest
  @EnumSource
  void takesAFewHundredBytes(Distribution distribution) {
    SparseHistogram message = LatencyHistogram.of(distribution.sample(5_000, 7)).toMessage();

    assertThat(message.getSerializedSize()).isLessThan(700);
  }

  @Test
  void nothingCountedHasNoLatency() {
    assertThat(LatencyHistogram.EMPTY.percentileMicros(99)).isZero();
    assertThat(LatencyHistogram.of(SparseHistogram.getDefaultInstance()))
        .isEqualTo(LatencyHistogram.EMPTY);
  }

  @Test
  void refusesWhatIsNoHistogram() {
    assertThatThrownBy(
            () -> LatencyHistogram.of(SparseHistogram.newBuilder().addBuckets(1).build()))
        .hasMessage("latency.counts: 0 values (expected: 1)");
    assertThatThrownBy(() -> LatencyHistogram.of(message(1024, 1)))
        .hasMessage("latency.buckets[0]: 1024 (expected: ascending and below 1024)");
    assertThatThrownBy(() -> LatencyHistogram.of(message(-1, 1)))
        .hasMessage("latency.buckets[0]: 4294967295 (expected: ascending and below 1024)");
    assertThatThrownBy(() -> LatencyHistogram.of(message(3, 0)))
        .hasMessage("latency.counts[0]: 0 (expected: 1 to 1125899906842624)");
    assertThatThrownBy(
            () -> LatencyHistogram.of(message(3, 1).toBuilder().addBuckets(0).addCounts(1).build()))
        .hasMessage("latency.buckets[1]: 0 (expected: ascending and below 1024)");
    assertThatThrownBy(() -> LatencyHistogram.EMPTY.percentileMicros(0))
        .hasMessage("percent: 0.0 (expected: > 0, <= 100)");
  }

  private static SparseHistogram message(int bucket, long count) {
    return SparseHistogram.newBuilder().addBuckets(bucket).addCounts(count).build();
  }
}
