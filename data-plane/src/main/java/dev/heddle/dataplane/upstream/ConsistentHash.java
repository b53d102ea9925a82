package dev.heddle.dataplane.upstream;

import dev.heddle.dataplane.config.Cluster;
import dev.heddle.dataplane.config.Cluster.HashFunction;
import dev.heddle.dataplane.config.Endpoint;
import io.netty.util.NetUtil;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Chooses an endpoint by a hash, so that few requests change theirs when endpoints come and go.
 * Immutable.
 */
sealed interface ConsistentHash {

  /**
   * The index of an endpoint.
   *
   * @param attempt 0 for the one that belongs to the hash; others for those to try instead
   */
  int pick(long hash, int attempt);

  /**
   * How an endpoint is known in ring and table, by default {@code 1.2.3.4:80} or {@code [::1]:80}.
   */
  static String key(Endpoint endpoint) {
    String own = endpoint.hashKey();
    return own == null ? NetUtil.toSocketAddressString(endpoint.address()) : own;
  }

  /** Ketama: each endpoint stands on a ring in many places. */
  final class HashRing implements ConsistentHash {
    /** Sorted as unsigned. */
    private final long[] hashes;

    /** By position on the ring. */
    private final int[] endpoints;

    private HashRing(long[] hashes, int[] endpoints) {
      this.hashes = hashes;
      this.endpoints = endpoints;
    }

    int size() {
      return hashes.length;
    }

    /**
     * Makes a ring.
     *
     * @param shares of the endpoints, 1 in all
     */
    static HashRing of(List<String> keys, double[] shares, Cluster.Ring settings) {
      double least = Arrays.stream(shares).filter(share -> share > 0).min().orElse(1);
      double scale = Math.min(Math.ceil(least * settings.minSize()) / least, settings.maxSize());
      int size = (int) Math.ceil(scale);
      Entry[] entries = new Entry[size + keys.size()];
      int filled = 0;
      double target = 0;
      StringBuilder text = new StringBuilder();
      for (int endpoint = 0; endpoint < keys.size(); endpoint++) {
        target += scale * shares[endpoint];
        text.setLength(0);
        text.append(keys.get(endpoint)).append('_');
        int prefix = text.length();
        for (int i = 0; filled < target && filled < entries.length; i++) {
          text.setLength(prefix);
          text.append(i);
          long hash =
              settings.function() == HashFunction.MURMUR_HASH_2
                  ? Hashes.murmur(text)
                  : Hashes.xx(text, 0);
          entries[filled++] = new Entry(hash, endpoint);
        }
      }
      Arrays.sort(entries, 0, filled, (a, b) -> Long.compareUnsigned(a.hash, b.hash));
      long[] hashes = new long[filled];
      int[] endpoints = new int[filled];
      for (int i = 0; i < filled; i++) {
        hashes[i] = entries[i].hash;
        endpoints[i] = entries[i].endpoint;
      }
      return new HashRing(hashes, endpoints);
    }

    private record Entry(long hash, int endpoint) {}

    @Override
    public int pick(long hash, int attempt) {
      int low = 0;
      int high = hashes.length;
      while (low < high) {
        int middle = (low + high) >>> 1;
        if (Long.compareUnsigned(hashes[middle], hash) < 0) {
          low = middle + 1;
        } else {
          high = middle;
        }
      }
      return endpoints[(low + attempt) % hashes.length];
    }
  }

  /**
   * Maglev (Eisenbud et al., NSDI 2016, listing 1), with weights. Endpoints take their turns in the
   * order of their keys, so that proxies that know them in different orders agree.
   */
  final class MaglevTable implements ConsistentHash {
    /** By hash modulo the size. */
    private final int[] endpoints;

    private MaglevTable(int[] endpoints) {
      this.endpoints = endpoints;
    }

    /**
     * Makes a table.
     *
     * @param shares of the endpoints, 1 in all
     * @param size a prime number
     */
    static MaglevTable of(List<String> keys, double[] shares, int size) {
      int count = keys.size();
      int[] turns =
          IntStream.range(0, count)
              .boxed()
              .sorted(Comparator.comparing(keys::get))
              .mapToInt(Integer::intValue)
              .toArray();
      long[] offset = new long[count];
      long[] skip = new long[count];
      long[] next = new long[count];
      double[] target = new double[count];
      double most = 0;
      for (int i = 0; i < count; i++) {
        offset[i] = Long.remainderUnsigned(Hashes.xx(keys.get(i), 0), size);
        skip[i] = Long.remainderUnsigned(Hashes.xx(keys.get(i), 1), size - 1) + 1;
        most = Math.max(most, shares[i]);
      }
      int[] table = new int[size];
      Arrays.fill(table, -1);
      int filled = 0;
      for (long iteration = 1; filled < size; iteration++) {
        for (int turn = 0; turn < count && filled < size; turn++) {
          int i = turns[turn];
          if (shares[i] <= 0 || iteration * shares[i] < target[i]) {
            continue;
          }
          target[i] += most;
          int at = (int) ((offset[i] + skip[i] * next[i]) % size);
          while (table[at] >= 0) {
            next[i]++;
            at = (int) ((offset[i] + skip[i] * next[i]) % size);
          }
          table[at] = i;
          next[i]++;
          filled++;
        }
      }
      return new MaglevTable(table);
    }

    @Override
    public int pick(long hash, int attempt) {
      long tried = attempt == 0 ? hash : hash ^ -attempt;
      return endpoints[(int) Long.remainderUnsigned(tried, endpoints.length)];
    }
  }
}
