package dev.heddle.smiadapter.trafficmetrics;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a list says about itself.
 *
 * @param next the token by which the rest can be asked for; empty if there is none
 * @param remaining how many items the rest has; null where not known
 * @param matchLabels the label selector, as far as it consists of equalities
 */
public record ListPage(String next, @Nullable Long remaining, Map<String, String> matchLabels) {

  /** A list without a rest that nothing was selected for. */
  public static final ListPage WHOLE = new ListPage("", null, Map.of());

  /** Copies the labels. */
  public ListPage {
    matchLabels = Map.copyOf(matchLabels);
  }

  ObjectNode metadata() {
    ObjectNode metadata = JsonNodeFactory.instance.objectNode();
    if (!next.isEmpty()) {
      metadata.put("continue", next);
      if (remaining != null) {
        metadata.put("remainingItemCount", remaining);
      }
    }
    return metadata;
  }
}
