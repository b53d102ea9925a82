package dev.heddle.smiadapter.state;

import org.jspecify.annotations.Nullable;

/** One thing that became different. Each says how it is now, so only the last of a key matters. */
public sealed interface Change {

  /** What it is about: a later change of the same key replaces an earlier one. */
  Key key();

  /** Names what a change is about. */
  sealed interface Key {}

  /** A service, or null once it is gone. */
  record ServiceChange(ObjectName name, @Nullable Service service) implements Change {
    @Override
    public Key key() {
      return new ServiceKey(name);
    }
  }

  /** A group of endpoints, or null once it is gone. */
  record EndpointGroupChange(ObjectName name, @Nullable EndpointGroup group) implements Change {
    @Override
    public Key key() {
      return new EndpointGroupKey(name);
    }
  }

  /** A workload, or null once it is gone. */
  record WorkloadChange(ObjectName name, @Nullable Workload workload) implements Change {
    @Override
    public Key key() {
      return new WorkloadKey(name);
    }
  }

  /** Where a node is, or null once it is gone. */
  record NodeChange(String name, @Nullable Locality locality) implements Change {
    @Override
    public Key key() {
      return new NodeKey(name);
    }
  }

  /** A split, or null once it is gone or cannot be honoured. */
  record SplitChange(ObjectName name, @Nullable Split split) implements Change {
    @Override
    public Key key() {
      return new SplitKey(name);
    }
  }

  /** A route group, or null once it is gone or cannot be honoured. */
  record RouteGroupChange(ObjectName name, @Nullable RouteGroup group) implements Change {
    @Override
    public Key key() {
      return new RouteGroupKey(name);
    }
  }

  /** A port rule, or null once it is gone or cannot be honoured. */
  record PortRuleChange(PortRule.Name name, @Nullable PortRule rule) implements Change {
    @Override
    public Key key() {
      return new PortRuleKey(name);
    }
  }

  /** A grant, or null once it is gone or cannot be honoured. */
  record GrantChange(ObjectName name, @Nullable Grant grant) implements Change {
    @Override
    public Key key() {
      return new GrantKey(name);
    }
  }

  /** The settings of the mesh. */
  record SettingsChange(MeshSettings settings) implements Change {
    @Override
    public Key key() {
      return new SettingsKey();
    }
  }

  /** A service. */
  record ServiceKey(ObjectName name) implements Key {}

  /** A group of endpoints. */
  record EndpointGroupKey(ObjectName name) implements Key {}

  /** A workload. */
  record WorkloadKey(ObjectName name) implements Key {}

  /** A node. */
  record NodeKey(String name) implements Key {}

  /** A split. */
  record SplitKey(ObjectName name) implements Key {}

  /** A route group. */
  record RouteGroupKey(ObjectName name) implements Key {}

  /** A port rule. */
  record PortRuleKey(PortRule.Name name) implements Key {}

  /** A grant. */
  record GrantKey(ObjectName name) implements Key {}

  /** The settings of the mesh. */
  record SettingsKey() implements Key {}
}
