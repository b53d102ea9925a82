package dev.heddle.dataplane.xds.translation;

import com.google.protobuf.BoolValue;
import com.google.protobuf.Struct;
import com.google.protobuf.UInt32Value;
import com.google.protobuf.Value;
import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import dev.heddle.dataplane.config.Share;
import io.envoyproxy.envoy.config.core.v3.ConfigSource;
import io.envoyproxy.envoy.config.core.v3.Metadata;
import io.envoyproxy.envoy.config.core.v3.RuntimeFractionalPercent;
import io.envoyproxy.envoy.type.matcher.v3.RegexMatcher;
import io.envoyproxy.envoy.type.v3.FractionalPercent;
import java.time.DateTimeException;
import java.time.Duration;
import java.util.Set;

/** Reads the small messages that many resources share. */
final class Values {

  /** Metadata key of what Heddle's control plane says about clusters and endpoints. */
  static final String HEDDLE_METADATA = "heddle.dev";

  private Values() {}

  static Duration duration(com.google.protobuf.Duration duration, FieldPath path) {
    try {
      Duration value = Duration.ofSeconds(duration.getSeconds(), duration.getNanos());
      if (!value.isNegative()) {
        return value;
      }
    } catch (DateTimeException | ArithmeticException e) {
      throw path.invalid(duration, "a duration");
    }
    throw path.invalid(duration, ">= 0s");
  }

  static int atLeastOne(UInt32Value value, FieldPath path) {
    if (value.getValue() < 1) {
      throw path.invalid(Integer.toUnsignedString(value.getValue()), "1 to 2147483647");
    }
    return value.getValue();
  }

  static void onlyTrue(boolean present, BoolValue value, FieldPath path) {
    if (present && !value.getValue()) {
      throw path.invalid(false, "true or not set");
    }
  }

  static void onlyFalse(boolean present, BoolValue value, FieldPath path) {
    if (present && value.getValue()) {
      throw path.invalid(true, "false or not set");
    }
  }

  static Share share(RuntimeFractionalPercent percent, FieldPath path) {
    path.allowOnly(percent, Set.of("default_value"), Set.of("runtime_key"));
    return share(percent.getDefaultValue(), path.field("default_value"));
  }

  static Share share(FractionalPercent percent, FieldPath path) {
    path.allowOnly(percent, Set.of("numerator", "denominator"));
    if (percent.getNumerator() < 0) {
      throw path.field("numerator")
          .invalid(Integer.toUnsignedString(percent.getNumerator()), "0 to 2147483647");
    }
    return new Share(
        percent.getNumerator(),
        switch (percent.getDenominator()) {
          case HUNDRED -> 100;
          case TEN_THOUSAND -> 10_000;
          case MILLION -> 1_000_000;
          case UNRECOGNIZED ->
              throw path.field("denominator")
                  .invalid(percent.getDenominatorValue(), "HUNDRED, TEN_THOUSAND or MILLION");
        });
  }

  static Pattern regex(RegexMatcher matcher, FieldPath path) {
    path.allowOnly(matcher, Set.of("regex"), Set.of("google_re2"));
    try {
      return Pattern.compile(matcher.getRegex());
    } catch (PatternSyntaxException e) {
      throw path.field("regex").invalid(matcher.getRegex(), "RE2 syntax: " + e.getDescription());
    }
  }

  /** A config source that must be the aggregated stream the resource itself came on. */
  static void aggregatedStream(boolean present, ConfigSource source, FieldPath path) {
    if (!present) {
      throw path.invalid("not set", "{ads: {}}");
    }
    path.allowOnly(source, Set.of("ads"), Set.of("resource_api_version", "initial_fetch_timeout"));
    if (!source.hasAds()) {
      throw path.invalid(source, "{ads: {}}");
    }
  }

  static String text(Metadata metadata, String filter, String key) {
    Value value = struct(metadata, filter).getFieldsOrDefault(key, Value.getDefaultInstance());
    return switch (value.getKindCase()) {
      case STRING_VALUE -> value.getStringValue();
      case NUMBER_VALUE -> Long.toString((long) value.getNumberValue());
      case BOOL_VALUE -> Boolean.toString(value.getBoolValue());
      case NULL_VALUE, STRUCT_VALUE, LIST_VALUE, KIND_NOT_SET -> "";
    };
  }

  static Struct struct(Metadata metadata, String filter) {
    return metadata.getFilterMetadataOrDefault(filter, Struct.getDefaultInstance());
  }
}
