package dev.heddle.smiadapter.smi;

import dev.heddle.smiadapter.kubernetes.FrontEnd;
import dev.heddle.smiadapter.state.Change;
import dev.heddle.smiadapter.state.ObjectName;
import dev.heddle.smiadapter.state.Observation;
import dev.heddle.smiadapter.state.Split;
import dev.heddle.smiadapter.state.SplitCondition;
import dev.heddle.smiadapter.state.WeightedBackend;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import java.util.ArrayList;
import java.util.List;

/**
 * Compiles TrafficSplits into splits. The schema refuses most of what is refused here; a schema
 * that someone else installed, or an object older than the schema, may let it through.
 */
final class TrafficSplitFrontEnd implements FrontEnd {

  private static final SmiKind KIND = SmiKind.TRAFFIC_SPLIT;
  private static final String SERVICE_NAME = "a Service's name";
  private static final String ROUTE_GROUP = "HTTPRouteGroup";

  @Override
  public ResourceDefinitionContext kind() {
    return KIND.definition();
  }

  @Override
  public Observation compile(GenericKubernetesResource resource) {
    SmiObject object = SmiObject.of(KIND, resource);
    try {
      return Observation.of(new Change.SplitChange(object.name(), split(object)));
    } catch (NotHonoured e) {
      return new Observation(
          new Change.SplitChange(object.name(), null), List.of(e.on(object.reference())));
    }
  }

  @Override
  public Observation removed(ObjectName name) {
    return Observation.of(new Change.SplitChange(name, null));
  }

  private static Split split(SmiObject object) throws NotHonoured {
    Field spec = object.spec().object();
    ObjectName apex = object.neighbour(serviceName(spec.child("service"), object));
    List<WeightedBackend> backends = new ArrayList<>();
    for (Field backend : spec.child("backends").elements()) {
      backends.add(
          new WeightedBackend(
              object.neighbour(backend.child("service").text(SERVICE_NAME)),
              backend.child("weight").number(0, Integer.MAX_VALUE),
              backend.path()));
    }
    if (backends.isEmpty()) {
      throw new NotHonoured(
          "spec.backends", "0 backends (expected: at least 1); traffic goes unsplit");
    }
    List<SplitCondition> conditions = new ArrayList<>();
    for (Field match : spec.child("matches").elements()) {
      conditions.add(condition(match, object));
    }
    return new Split(
        object.reference(), apex, "spec.service", backends, conditions, object.created());
  }

  private static SplitCondition condition(Field match, SmiObject object) throws NotHonoured {
    Field kind = match.object().child("kind");
    if (!kind.text(ROUTE_GROUP).equals(ROUTE_GROUP)) {
      throw kind.invalid(ROUTE_GROUP);
    }
    String name = match.child("name").text("an HTTPRouteGroup's name");
    return new SplitCondition(object.neighbour(name), match.path());
  }

  /**
   * The root may be a fully qualified name (Flagger writes one), but of the split's own namespace:
   * nobody splits the traffic of others.
   */
  private static String serviceName(Field field, SmiObject object) throws NotHonoured {
    String name = field.text(SERVICE_NAME);
    String namespace = object.name().namespace();
    String[] labels = name.split("\\.", 4);
    boolean qualified = labels.length > 1;
    boolean known =
        !qualified
            || (labels[1].equals(namespace) && (labels.length == 2 || labels[2].equals("svc")));
    if (!known) {
      throw new NotHonoured(
          field.path(),
          name + " (expected: a Service of namespace " + namespace + "); traffic goes unsplit");
    }
    return labels[0];
  }
}
