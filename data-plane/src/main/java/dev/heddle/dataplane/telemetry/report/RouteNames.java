package dev.heddle.dataplane.telemetry.report;

import dev.heddle.meshapi.telemetry.v1.ServiceName;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What the names of the control plane's route configurations say. */
final class RouteNames {

  private static final Pattern OF_SERVICE = Pattern.compile("outbound/([^/:]+)/([^/:]+):[0-9]+");

  private RouteNames() {}

  /** The service that a client meant whose request took these routes; null for any other name. */
  static @Nullable ServiceName service(String routes) {
    Matcher name = OF_SERVICE.matcher(routes);
    return name.matches()
        ? ServiceName.newBuilder().setNamespace(name.group(1)).setName(name.group(2)).build()
        : null;
  }
}
