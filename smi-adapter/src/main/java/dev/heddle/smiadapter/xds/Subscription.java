package dev.heddle.smiadapter.xds;

import dev.heddle.smiadapter.resources.Resource;
import dev.heddle.smiadapter.resources.ResourceKey;
import dev.heddle.smiadapter.resources.ResourceType;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What one stream has asked for of one type, what its client has, and what it is still owed. Only
 * names are kept until a response is made, so a client that reads slowly costs no more memory and
 * gets the newest of each.
 *
 * <p>Rules: xDS protocol, "How the client specifies what resources to return" and "Incremental
 * xDS". Not safe for use by several threads.
 */
final class Subscription {

  private static final String WILDCARD = "*";

  /** Why a name is owed an answer. */
  private enum Debt {
    /** The resource may be another than the client has. */
    CHANGED,
    /** The client asked: it gets the resource, or word that there is none. */
    ASKED
  }

  private final ResourceType type;
  private final ResourceStore store;
  private final Client client;
  private final ResourceStore.Watcher watcher;
  private final Set<String> names = new HashSet<>();
  private final Map<String, String> versions = new HashMap<>();
  private final Map<String, Debt> owed = new LinkedHashMap<>();
  private final Set<String> goners = new LinkedHashSet<>();
  private boolean wildcard;
  private boolean answerOwed;

  /**
   * Opens by the first request of the type.
   *
   * @param watcher is told of changes of what is asked for, until it is closed
   * @param initialVersions what the client has from an earlier stream
   */
  Subscription(
      ResourceType type,
      ResourceStore store,
      Client client,
      ResourceStore.Watcher watcher,
      Map<String, String> initialVersions) {
    this.type = type;
    this.store = store;
    this.client = client;
    this.watcher = watcher;
    versions.putAll(initialVersions);
  }

  /** Takes the names of the first request; none at all may mean everything. */
  void open(Collection<String> subscribed) {
    if (subscribed.isEmpty() && type.wildcardWhenEmpty()) {
      subscribeToEverything();
    }
    for (String name : subscribed) {
      if (name.equals(WILDCARD)) {
        subscribeToEverything();
      } else {
        subscribe(name);
        owed.put(name, Debt.ASKED);
      }
    }
    // What the client kept and did not ask for again is no concern of this stream.
    versions.keySet().removeIf(name -> !wildcard && !names.contains(name));
    versions.keySet().forEach(name -> owed.putIfAbsent(name, Debt.CHANGED));
  }

  /** Takes the names of a later request. */
  void change(Collection<String> subscribed, Collection<String> unsubscribed) {
    unsubscribed.forEach(this::unsubscribe);
    for (String name : subscribed) {
      if (name.equals(WILDCARD)) {
        subscribeToEverything();
      } else {
        subscribe(name);
        // Who asks again has forgotten it.
        versions.remove(name);
        owed.put(name, Debt.ASKED);
      }
    }
  }

  /** Notes that a resource is no longer what it was; whether that concerns this subscription. */
  boolean changed(String name) {
    boolean concerned = wildcard || names.contains(name);
    if (concerned) {
      owed.putIfAbsent(name, Debt.CHANGED);
    }
    return concerned;
  }

  /** Ends: nobody is told of anything any more. */
  void close() {
    names.forEach(name -> store.interests().remove(key(name), watcher));
    store.interests().removeAll(type, watcher);
  }

  /** How many names it holds. */
  int size() {
    return names.size();
  }

  /** The next resources that the client does not have; empty when it has all but withdrawals. */
  List<Resource> additions(XdsLimits limits) {
    return next(limits, false);
  }

  /** The next resources that take away what an earlier version gave. */
  List<Resource> withdrawals(XdsLimits limits) {
    return next(limits, true);
  }

  private List<Resource> next(XdsLimits limits, boolean withdrawals) {
    List<Resource> next = new ArrayList<>();
    long bytes = 0;
    Iterator<Map.Entry<String, Debt>> debts = owed.entrySet().iterator();
    while (debts.hasNext()
        && next.size() < limits.responseResources()
        && bytes < limits.responseBytes()) {
      Map.Entry<String, Debt> debt = debts.next();
      String name = debt.getKey();
      Optional<Resource> resource = visible(name);
      if (withdrawals != resource.filter(found -> takesAway(found, debt.getValue())).isPresent()) {
        continue;
      }
      debts.remove();
      if (resource.isEmpty()) {
        if (debt.getValue() == Debt.ASKED || versions.containsKey(name)) {
          goners.add(name);
        }
      } else if (!resource.get().version().equals(versions.get(name))) {
        goners.remove(name);
        versions.put(name, resource.get().version());
        next.add(resource.get());
        bytes += resource.get().encoded().getSerializedSize();
      } else {
        goners.remove(name);
      }
    }
    return next;
  }

  /** Who asks for it, or has none, loses nothing by it. */
  private boolean takesAway(Resource resource, Debt debt) {
    return resource.withdrawal()
        && debt == Debt.CHANGED
        && versions.containsKey(resource.key().name());
  }

  /** The names of which the client is to hear that there is no resource. */
  List<String> removals(XdsLimits limits) {
    List<String> removals = new ArrayList<>();
    Iterator<String> remaining = goners.iterator();
    while (remaining.hasNext() && removals.size() < limits.responseResources()) {
      String name = remaining.next();
      remaining.remove();
      if (visible(name).isPresent()) {
        owed.put(name, Debt.CHANGED);
      } else {
        versions.remove(name);
        removals.add(name);
      }
    }
    return removals;
  }

  /**
   * Whether a client that asked for everything has yet to hear that there is nothing; asks once.
   */
  boolean takeAnswerOwed() {
    boolean owedNow = answerOwed;
    answerOwed = false;
    return owedNow;
  }

  private void subscribeToEverything() {
    wildcard = true;
    answerOwed = true;
    store.interests().addAll(type, watcher);
    store.all(type).keySet().forEach(name -> owed.putIfAbsent(name, Debt.CHANGED));
  }

  private void subscribe(String name) {
    if (names.add(name)) {
      store.interests().add(key(name), watcher);
    }
  }

  private void unsubscribe(String name) {
    if (name.equals(WILDCARD)) {
      wildcard = false;
      store.interests().removeAll(type, watcher);
      versions.keySet().retainAll(names);
      owed.keySet().retainAll(names);
      goners.retainAll(names);
      return;
    }
    if (names.remove(name)) {
      store.interests().remove(key(name), watcher);
      versions.remove(name);
      goners.remove(name);
      if (wildcard) {
        // The client has dropped it, and is to know whether everything still includes it.
        owed.put(name, Debt.ASKED);
      } else {
        owed.remove(name);
      }
    }
  }

  private ResourceKey key(String name) {
    return new ResourceKey(type, name);
  }

  private Optional<Resource> visible(String name) {
    return store
        .get(type, name)
        .filter(resource ->
            (names.contains(name) && client.maySee(resource))
                || (wildcard && client.isMeantBy(resource)));
  }
}
