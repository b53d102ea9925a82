package dev.heddle.smiadapter.smi;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.heddle.crds.split.v1alpha4.TrafficSplitBackend;
import dev.heddle.crds.split.v1alpha4.TrafficSplitSpec;
import dev.heddle.smiadapter.kubernetes.FrontEnd;
import dev.heddle.smiadapter.state.Change;
import dev.heddle.smiadapter.state.Finding;
import dev.heddle.smiadapter.state.ObjectName;
import dev.heddle.smiadapter.state.ObjectReference;
import dev.heddle.smiadapter.state.Observation;
import dev.heddle.smiadapter.state.Split;
import dev.heddle.smiadapter.state.WeightedBackend;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Compiles TrafficSplits into splits. The schema refuses most of what is refused here; a schema
 * that someone else installed, or an object older than the schema, may let it through.
 */
public final class TrafficSplitFrontEnd implements FrontEnd {

  private static final String GROUP = "split.smi-spec.io";
  private static final String VERSION = "v1alpha4";
  private static final String KIND = "TrafficSplit";

  private final ObjectMapper mapper =
      new ObjectMapper().configure(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES, false);

  @Override
  public ResourceDefinitionContext kind() {
    return new ResourceDefinitionContext.Builder()
        .withGroup(GROUP)
        .withVersion(VERSION)
        .withKind(KIND)
        .withPlural("trafficsplits")
        .withNamespaced(true)
        .build();
  }

  @Override
  public Observation compile(GenericKubernetesResource object) {
    ObjectReference source = reference(object);
    try {
      Split split = compile(source, created(object), mapper.valueToTree(object.get("spec")));
      return Observation.of(new Change.SplitChange(source.name(), split));
    } catch (NotHonoured e) {
      return new Observation(
          new Change.SplitChange(source.name(), null),
          List.of(new Finding(source, e.field(), e.reason())));
    }
  }

  @Override
  public Observation removed(ObjectName name) {
    return Observation.of(new Change.SplitChange(name, null));
  }

  private Split compile(ObjectReference source, Instant created, @Nullable JsonNode json)
      throws NotHonoured {
    TrafficSplitSpec spec = read(json);
    if (!spec.matches().isEmpty()) {
      throw new NotHonoured(
          "spec.matches",
          "splitting by route group is not supported; traffic goes unsplit to Service "
              + spec.service());
    }
    if (spec.backends().isEmpty()) {
      throw new NotHonoured(
          "spec.backends", "0 backends (expected: at least 1); traffic goes unsplit");
    }
    String namespace = source.name().namespace();
    ObjectName apex = new ObjectName(namespace, serviceName(spec.service(), namespace));
    List<WeightedBackend> backends = new ArrayList<>();
    for (int i = 0; i < spec.backends().size(); i++) {
      backends.add(backend(namespace, "spec.backends[" + i + "]", spec.backends().get(i)));
    }
    return new Split(source, apex, "spec.service", backends, created);
  }

  private TrafficSplitSpec read(@Nullable JsonNode json) throws NotHonoured {
    if (json == null || !json.isObject()) {
      throw new NotHonoured("spec", "missing (expected: an object)");
    }
    requireText("spec.service", json.path("service"));
    int index = 0;
    for (JsonNode backend : json.path("backends")) {
      String field = "spec.backends[" + index++ + "]";
      requireText(field + ".service", backend.path("service"));
      JsonNode weight = backend.path("weight");
      if (!weight.isIntegralNumber() || !weight.canConvertToInt() || weight.intValue() < 0) {
        throw new NotHonoured(
            field + ".weight",
            (weight.isMissingNode() ? "missing" : weight.toString())
                + " (expected: a whole number from 0 to "
                + Integer.MAX_VALUE
                + ")");
      }
    }
    try {
      return mapper.treeToValue(json, TrafficSplitSpec.class);
    } catch (JsonProcessingException e) {
      throw new NotHonoured("spec", e.getOriginalMessage());
    }
  }

  private static WeightedBackend backend(
      String namespace, String field, TrafficSplitBackend backend) {
    return new WeightedBackend(
        new ObjectName(namespace, backend.service()), backend.weight(), field);
  }

  /**
   * The root may be a fully qualified name (Flagger writes one), but of the split's own namespace:
   * nobody splits the traffic of others.
   */
  private static String serviceName(String name, String namespace) throws NotHonoured {
    String[] labels = name.split("\\.", 4);
    boolean qualified = labels.length > 1;
    boolean known =
        !qualified
            || (labels[1].equals(namespace) && (labels.length == 2 || labels[2].equals("svc")));
    if (!known) {
      throw new NotHonoured(
          "spec.service",
          name + " (expected: a Service of namespace " + namespace + "); traffic goes unsplit");
    }
    return labels[0];
  }

  private static void requireText(String field, JsonNode value) throws NotHonoured {
    if (!value.isTextual() || value.textValue().isEmpty()) {
      throw new NotHonoured(
          field,
          (value.isMissingNode() ? "missing" : value.toString()) + " (expected: a Service's name)");
    }
  }

  private static ObjectReference reference(GenericKubernetesResource object) {
    var metadata = object.getMetadata();
    return new ObjectReference(
        GROUP + "/" + VERSION,
        KIND,
        new ObjectName(Objects.requireNonNullElse(metadata.getNamespace(), ""), metadata.getName()),
        Objects.requireNonNullElse(metadata.getUid(), ""));
  }

  /** When the object was created; one that does not say counts as the youngest. */
  private static Instant created(GenericKubernetesResource object) {
    String timestamp = object.getMetadata().getCreationTimestamp();
    try {
      return timestamp == null ? Instant.MAX : Instant.parse(timestamp);
    } catch (DateTimeParseException e) {
      return Instant.MAX;
    }
  }

  /** Why an object is refused. */
  private static final class NotHonoured extends Exception {
    private static final long serialVersionUID = 1L;

    private final String field;
    private final String reason;

    NotHonoured(String field, String reason) {
      super(field + ": " + reason, null, false, false);
      this.field = field;
      this.reason = reason;
    }

    String field() {
      return field;
    }

    String reason() {
      return reason;
    }
  }
}
