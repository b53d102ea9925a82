package dev.heddle.smiadapter.aggregated;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What a request does, as rules of RBAC speak of it. */
sealed interface Attributes {

  /**
   * With objects of the API; texts are empty where they do not apply.
   *
   * @param verb {@code get} or {@code list}
   */
  record OfResource(
      String verb,
      String version,
      String resource,
      String subresource,
      String namespace,
      String name)
      implements Attributes {

    @Override
    public String toString() {
      String what = subresource.isEmpty() ? resource : resource + "/" + subresource;
      return Stream.of(
              List.of(verb, "resource \"" + what + "\" in API group \"" + ApiPath.GROUP + "\""),
              namespace.isEmpty()
                  ? List.of("at the cluster scope")
                  : List.of("in the namespace \"" + namespace + "\""))
          .flatMap(List::stream)
          .collect(Collectors.joining(" "));
    }
  }

  /**
   * With a path.
   *
   * @param verb the method in lower case
   */
  record OfPath(String verb, String path) implements Attributes {

    @Override
    public String toString() {
      return verb + " path \"" + path + "\"";
    }
  }
}
