package dev.heddle.dataplane.xds;

import dev.heddle.dataplane.config.FilterChain;
import dev.heddle.dataplane.config.HttpFilter;
import dev.heddle.dataplane.config.JwtAuthentication;
import dev.heddle.dataplane.config.Listener;
import dev.heddle.dataplane.config.RouteConfiguration;
import dev.heddle.dataplane.config.RouteConfiguration.Route;
import dev.heddle.dataplane.config.RouteConfiguration.RouteAction;
import dev.heddle.dataplane.config.RouteConfiguration.VirtualHost;
import dev.heddle.dataplane.config.TerminalFilter.HttpConnectionManager;
import dev.heddle.dataplane.config.TerminalFilter.RouteSource;
import dev.heddle.dataplane.config.TerminalFilter.TcpProxy;
import dev.heddle.dataplane.config.WeightedCluster;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * What resources name in others.
 *
 * @param routes names of route configurations
 * @param clusters names of clusters
 */
public record References(Set<String> routes, Set<String> clusters) {

  public static References of(Listener listener) {
    References references = new References(new LinkedHashSet<>(), new LinkedHashSet<>());
    for (FilterChain chain : listener.filterChains()) {
      references.add(chain);
    }
    if (listener.defaultFilterChain() != null) {
      references.add(listener.defaultFilterChain());
    }
    return references;
  }

  public static Set<String> clustersOf(RouteConfiguration configuration) {
    Set<String> clusters = new LinkedHashSet<>();
    for (VirtualHost host : configuration.virtualHosts()) {
      for (Route route : host.routes()) {
        switch (route.action()) {
          case RouteAction.Forward forward -> {
            addNames(forward.clusters(), clusters);
            forward.mirrors().forEach(mirror -> clusters.add(mirror.cluster()));
          }
          case RouteAction.DirectResponse _, RouteAction.Redirect _ -> {}
        }
      }
    }
    return clusters;
  }

  private void add(FilterChain chain) {
    switch (chain.terminalFilter()) {
      case TcpProxy tcp -> addNames(tcp.clusters(), clusters);
      case HttpConnectionManager http -> {
        for (HttpFilter.Named named : http.filters()) {
          if (named.filter() instanceof JwtAuthentication authentication) {
            addKeySets(authentication);
          }
        }
        if (http.tracing() != null) {
          clusters.add(http.tracing().collector().cluster());
        }
        switch (http.routes()) {
          case RouteSource.Named named -> routes.add(named.name());
          case RouteSource.Inline inline -> clusters.addAll(clustersOf(inline.routes()));
        }
      }
    }
  }

  private void addKeySets(JwtAuthentication authentication) {
    for (JwtAuthentication.Provider provider : authentication.providers()) {
      if (provider.keys() instanceof JwtAuthentication.KeySource.Remote remote) {
        clusters.add(remote.cluster());
      }
    }
  }

  private static void addNames(List<WeightedCluster> weighted, Set<String> names) {
    for (WeightedCluster cluster : weighted) {
      names.add(cluster.cluster());
    }
  }
}
