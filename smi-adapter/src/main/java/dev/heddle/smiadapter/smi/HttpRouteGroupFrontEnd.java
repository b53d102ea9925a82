package dev.heddle.smiadapter.smi;

import com.fasterxml.jackson.databind.JsonNode;
import dev.heddle.smiadapter.kubernetes.FrontEnd;
import dev.heddle.smiadapter.state.Change;
import dev.heddle.smiadapter.state.Finding;
import dev.heddle.smiadapter.state.HeaderCondition;
import dev.heddle.smiadapter.state.ObjectName;
import dev.heddle.smiadapter.state.Observation;
import dev.heddle.smiadapter.state.RequestMatch;
import dev.heddle.smiadapter.state.RouteGroup;
import dev.heddle.smiadapter.state.TextCondition;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Compiles HTTPRouteGroups into route groups. A match that cannot be honoured stands for no
 * request, and the others of its group stay.
 */
final class HttpRouteGroupFrontEnd implements FrontEnd {

  private static final SmiKind KIND = SmiKind.HTTP_ROUTE_GROUP;

  private static final String EVERY_METHOD = "*";

  private static final Set<String> METHODS =
      Set.of("GET", "HEAD", "PUT", "POST", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH");

  /** RFC 9110, section 5.6.2: a token. */
  private static final Pattern HEADER_NAME = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+");

  @Override
  public ResourceDefinitionContext kind() {
    return KIND.definition();
  }

  @Override
  public Observation compile(GenericKubernetesResource resource) {
    SmiObject object = SmiObject.of(KIND, resource);
    List<Finding> findings = new ArrayList<>();
    Map<String, RequestMatch> matches = new TreeMap<>();
    try {
      List<Field> listed = object.spec().object().child("matches").elements();
      if (listed.isEmpty()) {
        throw new NotHonoured(
            "spec.matches", "0 matches (expected: at least 1); the group stands for no request");
      }
      for (Field match : listed) {
        add(match, matches, object, findings);
      }
    } catch (NotHonoured e) {
      findings.add(e.on(object.reference()));
    }
    RouteGroup group = matches.isEmpty() ? null : new RouteGroup(object.reference(), matches);
    return new Observation(new Change.RouteGroupChange(object.name(), group), findings);
  }

  @Override
  public Observation removed(ObjectName name) {
    return Observation.of(new Change.RouteGroupChange(name, null));
  }

  private static void add(
      Field match, Map<String, RequestMatch> matches, SmiObject object, List<Finding> findings) {
    try {
      Field name = match.object().child("name");
      String text = name.text("a name");
      RequestMatch read = match(match);
      if (matches.putIfAbsent(text, read) != null) {
        throw name.invalid("a name that no match before it has");
      }
    } catch (NotHonoured e) {
      findings.add(e.in(object.reference()));
    }
  }

  private static RequestMatch match(Field match) throws NotHonoured {
    Field path = match.child("pathRegex");
    @Nullable TextCondition condition = path.absent() ? null : TextConditions.onPath(path);
    return new RequestMatch(
        condition, methods(match.child("methods")), headers(match.child("headers")));
  }

  private static List<String> methods(Field field) throws NotHonoured {
    List<String> methods = new ArrayList<>();
    boolean every = false;
    for (Field element : field.elements()) {
      String method = element.text("a method");
      if (method.equals(EVERY_METHOD)) {
        every = true;
      } else if (METHODS.contains(method)) {
        methods.add(method);
      } else {
        throw element.invalid(
            "*, or one of " + String.join(", ", METHODS.stream().sorted().toList()));
      }
    }
    return every ? List.of() : methods.stream().distinct().sorted().toList();
  }

  /** A map, as the specification has it now, or a list of maps, as its Go client writes it. */
  private static List<HeaderCondition> headers(Field field) throws NotHonoured {
    List<HeaderCondition> headers = new ArrayList<>();
    if (field.value().isObject()) {
      addHeaders(field, headers);
    } else if (field.absent() || field.value().isArray()) {
      for (Field element : field.elements()) {
        addHeaders(element.object(), headers);
      }
    } else {
      throw field.invalid("a map from header to expression, or a list of such maps");
    }
    return headers;
  }

  private static void addHeaders(Field map, List<HeaderCondition> headers) throws NotHonoured {
    for (Map.Entry<String, JsonNode> header : map.value().properties()) {
      Field value = map.child(header.getKey());
      if (!HEADER_NAME.matcher(header.getKey()).matches()) {
        throw new NotHonoured(value.path(), "name (expected: the name of an HTTP header)");
      }
      String name = header.getKey().toLowerCase(Locale.ROOT);
      // HTTP/2 has no Host; what it has instead is also what proxies make of HTTP/1's.
      headers.add(
          new HeaderCondition(
              name.equals("host") ? ":authority" : name, TextConditions.onValue(value)));
    }
  }
}
