package dev.heddle.smiadapter.aggregated;

import dev.heddle.smiadapter.trafficmetrics.MetricsResource;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The objects that exist. */
interface ObjectSource {

  /**
   * Which objects to list, as the client put it; texts are empty where it said nothing.
   *
   * @param limit how many at most, 0 for all
   * @param next the token of the page before
   */
  record Selection(String labelSelector, String fieldSelector, long limit, String next) {}

  /**
   * Objects of a list.
   *
   * @param next the token of the next page, empty if this is the last
   * @param remaining how many objects follow, null where not known
   */
  record Page(List<ObjectMetadata> objects, String next, @Nullable Long remaining) {

    static final Page EMPTY = new Page(List.of(), "", null);

    /** Copies the list. */
    public Page {
      objects = List.copyOf(objects);
    }
  }

  /**
   * Lists objects.
   *
   * @param namespace empty for all
   * @throws ApiException if the selection means nothing, or the objects cannot be had now
   */
  Page list(MetricsResource resource, String namespace, Selection selection) throws ApiException;

  /**
   * One object.
   *
   * @throws ApiException if it cannot be found out whether it exists
   */
  Optional<ObjectMetadata> get(MetricsResource resource, String namespace, String name)
      throws ApiException;
}
