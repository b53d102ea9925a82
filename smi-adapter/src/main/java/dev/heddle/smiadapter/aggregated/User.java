package dev.heddle.smiadapter.aggregated;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Who makes a request, as the API server has authenticated them.
 *
 * @param name never empty
 * @param uid empty where not told
 * @param groups in the order told
 * @param extra further attributes, by their name in lower case
 */
record User(String name, String uid, List<String> groups, Map<String, List<String>> extra) {

  private static final String ADMINISTRATORS = "system:masters";

  /** Copies the collections. */
  User {
    groups = List.copyOf(groups);
    extra =
        Map.copyOf(
            extra.entrySet().stream()
                .collect(
                    Collectors.toMap(
                        Map.Entry::getKey,
                        entry -> List.copyOf(entry.getValue()),
                        (one, other) -> one,
                        TreeMap::new)));
  }

  /** Whether every API server allows them everything, whatever the roles say. */
  boolean isAdministrator() {
    return groups.contains(ADMINISTRATORS);
  }
}
