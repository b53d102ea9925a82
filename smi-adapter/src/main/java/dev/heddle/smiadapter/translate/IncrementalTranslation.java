package dev.heddle.smiadapter.translate;

import dev.heddle.smiadapter.resources.Resource;
import dev.heddle.smiadapter.resources.ResourceKey;
import dev.heddle.smiadapter.state.Change;
import dev.heddle.smiadapter.state.Finding;
import dev.heddle.smiadapter.state.MeshState;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the resources of a state, and translates again only what a change touches. After any
 * sequence of changes it holds exactly what translating the last state from scratch gives.
 *
 * <p>A unit whose translation fails keeps what it had, and no other unit suffers from it.
 *
 * <p>Two headless services may select one pod, and so claim the listener of one address: the one
 * that sorts first has it. Not safe for use by several threads.
 */
public final class IncrementalTranslation {

  private final Map<Unit, List<ResourceKey>> keysOfUnit = new HashMap<>();
  private final Map<ResourceKey, TreeMap<Unit, Resource>> claims = new HashMap<>();
  private MeshState state;

  /** Begins with a state of which nothing has been translated. */
  public IncrementalTranslation(MeshState initial) {
    this.state = initial;
  }

  /** The state as of the last change. */
  public MeshState state() {
    return state;
  }

  /** The unit that a resource is of. */
  public Optional<Unit> unitOf(ResourceKey key) {
    return Optional.ofNullable(claims.get(key)).map(TreeMap::firstKey);
  }

  /** Translates everything. */
  public ResourceDelta translateAll() {
    return translate(AffectedUnits.all(state).toList());
  }

  /** Applies changes, in order, and translates what they touch once. */
  public ResourceDelta apply(Collection<Change> changes) {
    Set<Unit> affected = new LinkedHashSet<>();
    for (Change change : changes) {
      MeshState before = state;
      state = before.apply(change);
      if (before != state) {
        AffectedUnits.of(before, change, state).forEach(affected::add);
      }
    }
    return translate(affected);
  }

  private ResourceDelta translate(Collection<Unit> units) {
    Map<ResourceKey, @Nullable Resource> before = new LinkedHashMap<>();
    Map<Unit, Collection<Finding>> findings = new LinkedHashMap<>();
    Map<Unit, RuntimeException> failures = new LinkedHashMap<>();
    for (Unit unit : units) {
      try {
        UnitTranslation translation = Translator.translate(state, unit);
        findings.put(unit, translation.findings());
        replace(unit, translation.resources(), before);
      } catch (RuntimeException e) {
        failures.put(unit, e);
      }
    }
    List<Resource> changed = new ArrayList<>();
    Set<ResourceKey> removed = new LinkedHashSet<>();
    before.forEach((key, old) -> {
      Resource now = current(key);
      if (now == null) {
        if (old != null) {
          removed.add(key);
        }
      } else if (old == null
          || !old.version().equals(now.version())
          || !old.audience().equals(now.audience())) {
        changed.add(now);
      }
    });
    return new ResourceDelta(changed, removed, findings, failures);
  }

  private void replace(
      Unit unit, List<Resource> resources, Map<ResourceKey, @Nullable Resource> before) {
    List<ResourceKey> oldKeys = keysOfUnit.getOrDefault(unit, List.of());
    for (ResourceKey key : oldKeys) {
      before.putIfAbsent(key, current(key));
    }
    for (Resource resource : resources) {
      if (!before.containsKey(resource.key())) {
        before.put(resource.key(), current(resource.key()));
      }
    }
    for (ResourceKey key : oldKeys) {
      claims.computeIfPresent(
          key,
          (same, claimants) -> {
            claimants.remove(unit);
            return claimants.isEmpty() ? null : claimants;
          });
    }
    for (Resource resource : resources) {
      claims.computeIfAbsent(resource.key(), key -> new TreeMap<>()).putIfAbsent(unit, resource);
    }
    if (resources.isEmpty()) {
      keysOfUnit.remove(unit);
    } else {
      keysOfUnit.put(unit, resources.stream().map(Resource::key).distinct().toList());
    }
  }

  private @Nullable Resource current(ResourceKey key) {
    TreeMap<Unit, Resource> claimants = claims.get(key);
    return claimants == null ? null : claimants.firstEntry().getValue();
  }
}
