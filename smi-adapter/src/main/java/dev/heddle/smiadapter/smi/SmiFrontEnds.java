package dev.heddle.smiadapter.smi;

import dev.heddle.smiadapter.kubernetes.FrontEnd;
import java.util.List;

/** The front ends of all kinds of SMI. */
public final class SmiFrontEnds {

  private SmiFrontEnds() {}

  /** One of each kind. */
  public static List<FrontEnd> all() {
    return List.of(
        new HttpRouteGroupFrontEnd(),
        PortRouteFrontEnd.tcp(),
        PortRouteFrontEnd.udp(),
        new TrafficSplitFrontEnd(),
        new TrafficTargetFrontEnd());
  }
}
