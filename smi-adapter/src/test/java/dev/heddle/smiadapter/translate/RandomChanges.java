package dev.heddle.smiadapter.translate;

import dev.heddle.smiadapter.state.AccessControl;
import dev.heddle.smiadapter.state.AddressFamily;
import dev.heddle.smiadapter.state.Availability;
import dev.heddle.smiadapter.state.Change;
import dev.heddle.smiadapter.state.Endpoint;
import dev.heddle.smiadapter.state.EndpointGroup;
import dev.heddle.smiadapter.state.Locality;
import dev.heddle.smiadapter.state.MeshSettings;
import dev.heddle.smiadapter.state.ObjectName;
import dev.heddle.smiadapter.state.ObjectReference;
import dev.heddle.smiadapter.state.Protocol;
import dev.heddle.smiadapter.state.Service;
import dev.heddle.smiadapter.state.ServicePort;
import dev.heddle.smiadapter.state.Split;
import dev.heddle.smiadapter.state.WeightedBackend;
import dev.heddle.smiadapter.state.Workload;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;

/** Changes in a cluster small enough that they meet each other often. */
final class RandomChanges {

  private static final int SERVICES = 5;
  private static final int WORKLOADS = 6;
  private static final int NODES = 2;
  private static final int SPLITS = 4;

  private final Random random;

  RandomChanges(Random random) {
    this.random = random;
  }

  Change next() {
    return switch (random.nextInt(20)) {
      case 0, 1, 2, 3 -> randomService();
      case 4, 5, 6, 7, 8 -> randomGroup();
      case 9, 10, 11 -> randomWorkload();
      case 12, 13, 14, 15, 16 -> randomSplit();
      case 17, 18 -> randomNode();
      default ->
          new Change.SettingsChange(
              new MeshSettings(
                  "cluster.local",
                  random.nextBoolean() ? AccessControl.PERMISSIVE : AccessControl.ENFORCED));
    };
  }

  static ObjectName serviceName(int index) {
    return new ObjectName("shop", "service-" + index);
  }

  static Change service(int index) {
    ObjectName name = serviceName(index);
    return new Change.ServiceChange(
        name,
        new Service(
            name,
            List.of("10.96.0." + index),
            List.of(new ServicePort("http", 80, Protocol.HTTP))));
  }

  /** A split whose backends are the services that follow the apex. */
  static Change split(int index, int apex, long... weights) {
    ObjectName name = new ObjectName("shop", "split-" + index);
    List<WeightedBackend> backends =
        IntStream.range(0, weights.length)
            .mapToObj(i ->
                new WeightedBackend(
                    serviceName((apex + 1 + i) % SERVICES), weights[i], "spec.backends[" + i + "]"))
            .toList();
    return new Change.SplitChange(
        name,
        new Split(
            new ObjectReference("split.smi-spec.io/v1alpha4", "TrafficSplit", name, "uid"),
            serviceName(apex),
            "spec.service",
            backends,
            Instant.EPOCH.plusSeconds(SPLITS - index)));
  }

  private Change randomService() {
    ObjectName name = serviceName(random.nextInt(SERVICES));
    if (random.nextInt(4) == 0) {
      return new Change.ServiceChange(name, null);
    }
    List<String> addresses =
        random.nextInt(3) == 0 ? List.of() : List.of("10.96.0." + random.nextInt(SERVICES));
    List<ServicePort> ports =
        IntStream.rangeClosed(0, random.nextInt(2))
            .mapToObj(i -> new ServicePort("port-" + i, 80 + i, any(Protocol.values())))
            .toList();
    return new Change.ServiceChange(name, new Service(name, addresses, ports));
  }

  private Change randomGroup() {
    int service = random.nextInt(SERVICES);
    ObjectName name = new ObjectName("shop", "group-" + service + "-" + random.nextInt(2));
    if (random.nextInt(5) == 0) {
      return new Change.EndpointGroupChange(name, null);
    }
    List<Endpoint> endpoints =
        IntStream.range(0, random.nextInt(4)).mapToObj(i -> randomEndpoint()).toList();
    return new Change.EndpointGroupChange(
        name,
        new EndpointGroup(
            name,
            serviceName(service),
            AddressFamily.IPV4,
            Map.of("port-0", 8080, "port-1", 8081),
            endpoints));
  }

  private Endpoint randomEndpoint() {
    int workload = random.nextInt(WORKLOADS);
    return new Endpoint(
        "10.244.0." + workload,
        any(Availability.values()),
        workload == 0 ? null : workloadName(workload),
        "node-" + random.nextInt(NODES),
        random.nextBoolean() ? null : "zone");
  }

  private Change randomWorkload() {
    ObjectName name = workloadName(random.nextInt(WORKLOADS));
    if (random.nextInt(4) == 0) {
      return new Change.WorkloadChange(name, null);
    }
    return new Change.WorkloadChange(
        name,
        new Workload(
            name,
            "account-" + random.nextInt(2),
            random.nextBoolean(),
            AddressFamily.IPV4,
            "owner",
            "Deployment",
            "app",
            "v" + random.nextInt(2),
            List.of()));
  }

  private Change randomSplit() {
    int index = random.nextInt(SPLITS);
    if (random.nextInt(4) == 0) {
      return new Change.SplitChange(new ObjectName("shop", "split-" + index), null);
    }
    return split(index, random.nextInt(SERVICES), random.nextInt(3), random.nextInt(3));
  }

  private Change randomNode() {
    String name = "node-" + random.nextInt(NODES);
    return new Change.NodeChange(
        name, random.nextInt(3) == 0 ? null : new Locality("region", "zone-" + random.nextInt(2)));
  }

  private <T> T any(T[] values) {
    return List.of(values).get(random.nextInt(values.length));
  }

  private static ObjectName workloadName(int index) {
    return new ObjectName("shop", "pod-" + index);
  }
}
