package dev.heddle.smiadapter.conversion;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.BigIntegerNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The weights of TrafficSplit v1alpha1, which are quantities, as the whole numbers of later
 * versions. How they were written travels along, and comes back while the numbers are still those
 * that it means.
 */
final class QuantityWeights {
  /** A JSON list of the weights as they were written in v1alpha1, in the order of the backends. */
  static final String ANNOTATION = "heddle.dev/v1alpha1-weights";

  private static final String WEIGHT = "weight";

  private QuantityWeights() {}

  /** Leaves weights alone of which one is no quantity: whoever reads them refuses them by name. */
  static void toWholeNumbers(ObjectNode object) {
    Annotations.take(object, ANNOTATION);
    List<ObjectNode> backends = weighted(object);
    ArrayNode written = JsonNodeFactory.instance.arrayNode();
    backends.forEach(backend -> written.add(backend.get(WEIGHT)));
    Optional<List<BigInteger>> numbers = numbers(written);
    if (numbers.isEmpty()) {
      return;
    }
    boolean plain = true;
    for (int i = 0; i < backends.size(); i++) {
      BigInteger number = numbers.get().get(i);
      plain &= written.get(i).isTextual() && written.get(i).textValue().equals(number.toString());
      backends.get(i).set(WEIGHT, whole(number));
    }
    if (!plain) {
      Annotations.putJson(object, ANNOTATION, written);
    }
  }

  static void toQuantities(ObjectNode object) {
    Optional<JsonNode> written = Annotations.peekJson(object, ANNOTATION);
    Annotations.take(object, ANNOTATION);
    List<ObjectNode> backends = weighted(object);
    if (!backends.stream().allMatch(backend -> backend.get(WEIGHT).isIntegralNumber())) {
      return;
    }
    List<BigInteger> weights =
        backends.stream().map(backend -> backend.get(WEIGHT).bigIntegerValue()).toList();
    boolean current = written.flatMap(QuantityWeights::numbers).filter(weights::equals).isPresent();
    for (int i = 0; i < backends.size(); i++) {
      if (current) {
        backends.get(i).set(WEIGHT, written.orElseThrow().get(i).deepCopy());
      } else {
        backends.get(i).put(WEIGHT, weights.get(i).toString());
      }
    }
  }

  private static Optional<List<BigInteger>> numbers(JsonNode written) {
    if (!written.isArray() || written.isEmpty()) {
      return Optional.empty();
    }
    List<BigDecimal> quantities = new ArrayList<>();
    for (JsonNode weight : written) {
      Optional<BigDecimal> quantity = Quantities.parse(weight);
      if (quantity.isEmpty()) {
        return Optional.empty();
      }
      quantities.add(quantity.get());
    }
    return Optional.of(Quantities.wholeNumbers(quantities));
  }

  private static List<ObjectNode> weighted(ObjectNode object) {
    List<ObjectNode> backends = new ArrayList<>();
    for (JsonNode backend : object.path("spec").path("backends")) {
      if (backend instanceof ObjectNode candidate && candidate.has(WEIGHT)) {
        backends.add(candidate);
      }
    }
    return backends;
  }

  private static JsonNode whole(BigInteger number) {
    return number.bitLength() < Integer.SIZE
        ? IntNode.valueOf(number.intValue())
        : BigIntegerNode.valueOf(number);
  }
}
