package dev.heddle.dataplane.xds.translation;

import com.google.protobuf.Any;
import com.google.protobuf.Message;
import com.google.protobuf.UInt32Value;
import dev.heddle.dataplane.config.Cluster.Balancing;
import dev.heddle.dataplane.config.Cluster.HashFunction;
import dev.heddle.dataplane.config.Cluster.LoadBalancing;
import dev.heddle.dataplane.config.Cluster.Ring;
import dev.heddle.dataplane.config.Cluster.SlowStart;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.cluster.v3.Cluster.CommonLbConfig;
import io.envoyproxy.envoy.config.cluster.v3.Cluster.DiscoveryType;
import io.envoyproxy.envoy.config.cluster.v3.Cluster.LeastRequestLbConfig;
import io.envoyproxy.envoy.config.cluster.v3.Cluster.MaglevLbConfig;
import io.envoyproxy.envoy.config.cluster.v3.Cluster.RingHashLbConfig;
import io.envoyproxy.envoy.config.cluster.v3.Cluster.SlowStartConfig;
import io.envoyproxy.envoy.config.cluster.v3.LoadBalancingPolicy;
import io.envoyproxy.envoy.config.core.v3.RuntimeDouble;
import io.envoyproxy.envoy.config.core.v3.TypedExtensionConfig;
import io.envoyproxy.envoy.extensions.load_balancing_policies.common.v3.LocalityLbConfig;
import io.envoyproxy.envoy.extensions.load_balancing_policies.least_request.v3.LeastRequest;
import io.envoyproxy.envoy.extensions.load_balancing_policies.maglev.v3.Maglev;
import io.envoyproxy.envoy.extensions.load_balancing_policies.random.v3.Random;
import io.envoyproxy.envoy.extensions.load_balancing_policies.ring_hash.v3.RingHash;
import io.envoyproxy.envoy.extensions.load_balancing_policies.round_robin.v3.RoundRobin;
import io.envoyproxy.envoy.type.v3.Percent;
import java.math.BigInteger;
import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** How a cluster's endpoint is chosen: lb_policy and what belongs to it. */
final class BalancingTranslator {

  private static final String LOCALITY = "locality_lb_config";
  private static final int MAX_RING = 8 * 1024 * 1024;

  /** Envoy's bound. */
  private static final int MAX_TABLE = 5_000_011;

  /** Envoy's. */
  private static final double DEFAULT_SLOW_START_PERCENT = 10;

  private BalancingTranslator() {}

  /** A policy and its parameters. */
  record Choice(LoadBalancing policy, Balancing balancing) {}

  static Choice choice(Cluster cluster, FieldPath path) {
    double panic = panic(cluster.getCommonLbConfig(), path.field("common_lb_config"));
    if (cluster.hasLoadBalancingPolicy()) {
      return byPolicy(cluster.getLoadBalancingPolicy(), panic, path.field("load_balancing_policy"));
    }
    boolean localities = cluster.getCommonLbConfig().hasLocalityWeightedLbConfig();
    FieldPath policyPath = path.field("lb_policy");
    Parameters none = new Parameters(panic, localities);
    return switch (cluster.getLbPolicy()) {
      case ROUND_ROBIN -> {
        only(cluster, "round_robin_lb_config", path);
        FieldPath at = path.field("round_robin_lb_config");
        at.allowOnly(cluster.getRoundRobinLbConfig(), Set.of("slow_start_config"));
        yield none.slowStart(
                cluster.getRoundRobinLbConfig().hasSlowStartConfig()
                    ? slowStart(
                        cluster.getRoundRobinLbConfig().getSlowStartConfig(),
                        at.field("slow_start_config"))
                    : null)
            .choice(LoadBalancing.ROUND_ROBIN);
      }
      case LEAST_REQUEST -> {
        only(cluster, "least_request_lb_config", path);
        yield cluster.hasLeastRequestLbConfig()
            ? leastRequest(
                cluster.getLeastRequestLbConfig(), none, path.field("least_request_lb_config"))
            : none.choice(LoadBalancing.PEAK_EWMA);
      }
      case RANDOM -> {
        only(cluster, "", path);
        yield none.choice(LoadBalancing.RANDOM);
      }
      case RING_HASH -> {
        only(cluster, "ring_hash_lb_config", path);
        yield none.ring(ring(cluster.getRingHashLbConfig(), path.field("ring_hash_lb_config")))
            .choice(LoadBalancing.RING_HASH);
      }
      case MAGLEV -> {
        only(cluster, "maglev_lb_config", path);
        MaglevLbConfig maglev = cluster.getMaglevLbConfig();
        FieldPath at = path.field("maglev_lb_config");
        at.allowOnly(maglev, Set.of("table_size"));
        yield none.table(
                maglev.hasTableSize()
                    ? table(maglev.getTableSize().getValue(), at.field("table_size"))
                    : Balancing.DEFAULT.maglevTableSize())
            .choice(LoadBalancing.MAGLEV);
      }
      case CLUSTER_PROVIDED -> {
        if (cluster.getType() != DiscoveryType.ORIGINAL_DST) {
          throw policyPath.invalid(
              "CLUSTER_PROVIDED", "another policy for type " + cluster.getType());
        }
        yield none.choice(LoadBalancing.PEAK_EWMA);
      }
      case LOAD_BALANCING_POLICY_CONFIG, UNRECOGNIZED ->
          throw policyPath.invalid(
              cluster.getLbPolicy(),
              "ROUND_ROBIN, LEAST_REQUEST, RANDOM, RING_HASH, MAGLEV or load_balancing_policy");
    };
  }

  /** Parameters of another policy than the one that is chosen would be without effect. */
  private static void only(Cluster cluster, String own, FieldPath path) {
    String given =
        switch (cluster.getLbConfigCase()) {
          case ROUND_ROBIN_LB_CONFIG -> "round_robin_lb_config";
          case LEAST_REQUEST_LB_CONFIG -> "least_request_lb_config";
          case RING_HASH_LB_CONFIG -> "ring_hash_lb_config";
          case MAGLEV_LB_CONFIG -> "maglev_lb_config";
          case ORIGINAL_DST_LB_CONFIG, LBCONFIG_NOT_SET -> own;
        };
    if (!given.equals(own)) {
      throw path.field(given).invalid("set", "not set for lb_policy " + cluster.getLbPolicy());
    }
  }

  /** Balancing in the making. */
  private record Parameters(
      double panic,
      boolean localities,
      int choices,
      double bias,
      Ring ring,
      int table,
      @Nullable SlowStart slowStart) {
    Parameters(double panic, boolean localities) {
      this(
          panic,
          localities,
          Balancing.DEFAULT.choices(),
          Balancing.DEFAULT.requestBias(),
          Balancing.DEFAULT.ring(),
          Balancing.DEFAULT.maglevTableSize(),
          null);
    }

    Parameters leastRequest(int newChoices, double newBias) {
      return new Parameters(panic, localities, newChoices, newBias, ring, table, slowStart);
    }

    Parameters ring(Ring newRing) {
      return new Parameters(panic, localities, choices, bias, newRing, table, slowStart);
    }

    Parameters table(int newTable) {
      return new Parameters(panic, localities, choices, bias, ring, newTable, slowStart);
    }

    Parameters slowStart(@Nullable SlowStart newSlowStart) {
      return new Parameters(panic, localities, choices, bias, ring, table, newSlowStart);
    }

    Choice choice(LoadBalancing policy) {
      return new Choice(
          policy, new Balancing(panic, localities, choices, bias, ring, table, slowStart));
    }
  }

  private static double panic(CommonLbConfig common, FieldPath path) {
    path.allowOnly(
        common,
        Set.of("healthy_panic_threshold", "locality_weighted_lb_config"),
        Set.of("update_merge_window"));
    return common.hasHealthyPanicThreshold()
        ? percent(common.getHealthyPanicThreshold(), path.field("healthy_panic_threshold"))
        : Balancing.DEFAULT.panicPercent();
  }

  private static double percent(Percent percent, FieldPath path) {
    if (!(percent.getValue() >= 0 && percent.getValue() <= 100)) {
      throw path.field("value").invalid(percent.getValue(), "0 to 100");
    }
    return percent.getValue();
  }

  private static Choice leastRequest(LeastRequestLbConfig config, Parameters none, FieldPath path) {
    path.allowOnly(config, Set.of("choice_count", "active_request_bias", "slow_start_config"));
    return none.leastRequest(
            choices(config.hasChoiceCount(), config.getChoiceCount(), path),
            bias(config.hasActiveRequestBias(), config.getActiveRequestBias(), path))
        .slowStart(
            config.hasSlowStartConfig()
                ? slowStart(config.getSlowStartConfig(), path.field("slow_start_config"))
                : null)
        .choice(LoadBalancing.LEAST_REQUEST);
  }

  private static int choices(boolean present, UInt32Value choices, FieldPath path) {
    if (!present) {
      return Balancing.DEFAULT.choices();
    }
    if (choices.getValue() < 2 || choices.getValue() > 100) {
      throw path.field("choice_count")
          .invalid(Integer.toUnsignedString(choices.getValue()), "2 to 100");
    }
    return choices.getValue();
  }

  private static double bias(boolean present, RuntimeDouble bias, FieldPath path) {
    if (!present) {
      return Balancing.DEFAULT.requestBias();
    }
    return number(bias, path.field("active_request_bias"), 0);
  }

  private static double number(RuntimeDouble value, FieldPath path, double least) {
    path.allowOnly(value, Set.of("default_value"), Set.of("runtime_key"));
    if (!(value.getDefaultValue() >= least && Double.isFinite(value.getDefaultValue()))) {
      throw path.field("default_value").invalid(value.getDefaultValue(), ">= " + least);
    }
    return value.getDefaultValue();
  }

  private static Ring ring(RingHashLbConfig config, FieldPath path) {
    path.allowOnly(config, Set.of("minimum_ring_size", "hash_function", "maximum_ring_size"));
    return ring(
        config.hasMinimumRingSize() ? config.getMinimumRingSize().getValue() : -1,
        config.hasMaximumRingSize() ? config.getMaximumRingSize().getValue() : -1,
        switch (config.getHashFunction()) {
          case XX_HASH -> HashFunction.XX_HASH;
          case MURMUR_HASH_2 -> HashFunction.MURMUR_HASH_2;
          case UNRECOGNIZED ->
              throw path.field("hash_function")
                  .invalid(config.getHashFunctionValue(), "XX_HASH or MURMUR_HASH_2");
        },
        path);
  }

  /** Sizes of -1 are not given. */
  private static Ring ring(long minimum, long maximum, HashFunction function, FieldPath path) {
    long least = minimum == -1 ? Ring.DEFAULT.minSize() : minimum;
    long most = maximum == -1 ? Ring.DEFAULT.maxSize() : maximum;
    if (most < 1 || most > MAX_RING) {
      throw path.field("maximum_ring_size")
          .invalid(Long.toUnsignedString(most), "1 to " + MAX_RING);
    }
    if (least < 1 || least > most) {
      throw path.field("minimum_ring_size")
          .invalid(Long.toUnsignedString(least), "1 to maximum_ring_size, " + most);
    }
    return new Ring((int) least, (int) most, function);
  }

  private static int table(long size, FieldPath path) {
    if (size < 2 || size > MAX_TABLE || !BigInteger.valueOf(size).isProbablePrime(50)) {
      throw path.invalid(Long.toUnsignedString(size), "a prime number up to " + MAX_TABLE);
    }
    return (int) size;
  }

  private static SlowStart slowStart(SlowStartConfig config, FieldPath path) {
    path.allowOnly(config, Set.of("slow_start_window", "aggression", "min_weight_percent"));
    return slowStart(
        Values.duration(config.getSlowStartWindow(), path.field("slow_start_window")),
        config.hasAggression() ? config.getAggression() : null,
        config.hasMinWeightPercent() ? config.getMinWeightPercent() : null,
        path);
  }

  private static SlowStart slowStart(
      Duration window,
      @Nullable RuntimeDouble aggression,
      @Nullable Percent least,
      FieldPath path) {
    if (window.isZero()) {
      throw path.field("slow_start_window").invalid(window, "> 0s");
    }
    return new SlowStart(
        window,
        aggression == null ? 1 : number(aggression, path.field("aggression"), Double.MIN_NORMAL),
        least == null
            ? DEFAULT_SLOW_START_PERCENT
            : percent(least, path.field("min_weight_percent")));
  }

  // load_balancing_policy: the same as extensions, the first that is known.

  private static Choice byPolicy(LoadBalancingPolicy policies, double panic, FieldPath path) {
    path.allowOnly(policies, Set.of("policies"));
    for (int i = 0; i < policies.getPoliciesCount(); i++) {
      FieldPath at = path.element("policies", i);
      at.allowOnly(policies.getPolicies(i), Set.of("typed_extension_config"));
      TypedExtensionConfig extension = policies.getPolicies(i).getTypedExtensionConfig();
      FieldPath config = at.field("typed_extension_config").field("typed_config");
      @Nullable Choice choice = extension(extension.getTypedConfig(), panic, config);
      if (choice != null) {
        return choice;
      }
    }
    throw path.field("policies")
        .invalid(
            policies.getPoliciesList(),
            "RoundRobin, LeastRequest, Random, RingHash or Maglev"
                + " (envoy.extensions.load_balancing_policies)");
  }

  /** Null for an extension that is not known. */
  private static @Nullable Choice extension(Any any, double panic, FieldPath path) {
    if (FieldPath.holds(any, RoundRobin.getDefaultInstance())) {
      RoundRobin config = path.unpack(any, RoundRobin.class, RoundRobin.getDefaultInstance());
      return localities(config, LOCALITY, config.getLocalityLbConfig(), panic, path)
          .choice(LoadBalancing.ROUND_ROBIN);
    }
    if (FieldPath.holds(any, Random.getDefaultInstance())) {
      Random config = path.unpack(any, Random.class, Random.getDefaultInstance());
      return localities(config, LOCALITY, config.getLocalityLbConfig(), panic, path)
          .choice(LoadBalancing.RANDOM);
    }
    if (FieldPath.holds(any, LeastRequest.getDefaultInstance())) {
      LeastRequest config = path.unpack(any, LeastRequest.class, LeastRequest.getDefaultInstance());
      path.allowOnly(config, Set.of("choice_count", "active_request_bias", LOCALITY));
      return localities(config.getLocalityLbConfig(), panic, path.field(LOCALITY))
          .leastRequest(
              choices(config.hasChoiceCount(), config.getChoiceCount(), path),
              bias(config.hasActiveRequestBias(), config.getActiveRequestBias(), path))
          .choice(LoadBalancing.LEAST_REQUEST);
    }
    if (FieldPath.holds(any, RingHash.getDefaultInstance())) {
      return ringHash(path.unpack(any, RingHash.class, RingHash.getDefaultInstance()), panic, path);
    }
    if (FieldPath.holds(any, Maglev.getDefaultInstance())) {
      Maglev config = path.unpack(any, Maglev.class, Maglev.getDefaultInstance());
      path.allowOnly(config, Set.of("table_size", "locality_weighted_lb_config"));
      return new Parameters(panic, config.hasLocalityWeightedLbConfig())
          .table(
              config.hasTableSize()
                  ? table(config.getTableSize().getValue(), path.field("table_size"))
                  : Balancing.DEFAULT.maglevTableSize())
          .choice(LoadBalancing.MAGLEV);
    }
    return null;
  }

  private static Choice ringHash(RingHash config, double panic, FieldPath path) {
    path.allowOnly(
        config,
        Set.of(
            "minimum_ring_size",
            "hash_function",
            "maximum_ring_size",
            "locality_weighted_lb_config"));
    Ring ring =
        ring(
            config.hasMinimumRingSize() ? config.getMinimumRingSize().getValue() : -1,
            config.hasMaximumRingSize() ? config.getMaximumRingSize().getValue() : -1,
            switch (config.getHashFunction()) {
              case DEFAULT_HASH, XX_HASH -> HashFunction.XX_HASH;
              case MURMUR_HASH_2 -> HashFunction.MURMUR_HASH_2;
              case UNRECOGNIZED ->
                  throw path.field("hash_function")
                      .invalid(config.getHashFunctionValue(), "XX_HASH or MURMUR_HASH_2");
            },
            path);
    return new Parameters(panic, config.hasLocalityWeightedLbConfig())
        .ring(ring)
        .choice(LoadBalancing.RING_HASH);
  }

  private static Parameters localities(
      Message message, String field, LocalityLbConfig config, double panic, FieldPath path) {
    path.allowOnly(message, Set.of(field));
    return localities(config, panic, path.field(field));
  }

  private static Parameters localities(LocalityLbConfig config, double panic, FieldPath path) {
    path.allowOnly(config, Set.of("locality_weighted_lb_config"));
    return new Parameters(panic, config.hasLocalityWeightedLbConfig());
  }
}
