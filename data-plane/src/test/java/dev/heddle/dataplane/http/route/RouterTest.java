package dev.heddle.dataplane.http.route;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.re2j.Pattern;
import dev.heddle.dataplane.config.AccessPolicy;
import dev.heddle.dataplane.config.RouteConfiguration;
import dev.heddle.dataplane.config.RouteConfiguration.HeaderMatch;
import dev.heddle.dataplane.config.RouteConfiguration.PathMatch;
import dev.heddle.dataplane.config.RouteConfiguration.Route;
import dev.heddle.dataplane.config.RouteConfiguration.RouteAction;
import dev.heddle.dataplane.config.RouteConfiguration.RouteMatch;
import dev.heddle.dataplane.config.RouteConfiguration.ValueMatch;
import dev.heddle.dataplane.config.RouteConfiguration.VirtualHost;
import dev.heddle.dataplane.config.WeightedCluster;
import dev.heddle.dataplane.http.message.RequestHead;
import dev.heddle.dataplane.http.message.UncheckedHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class RouterTest {
  private static RequestHead request(String authority, String path) {
    HttpHeaders headers = UncheckedHeaders.create();
    headers.add("X-Tag", "one");
    headers.add("x-tag", "two");
    return new RequestHead("GET", "http", authority, path, headers, -1, false, false, null);
  }

  private static VirtualHost host(String... domains) {
    return new VirtualHost(domains[0], List.of(domains), List.of());
  }

  @ParameterizedTest
  @CsvSource({
    "shop, false, shop",
    "SHOP, false, shop",
    "shop:8080, false, *",
    "shop:81, false, shop:81",
    "shop., false, *",
    "a.shop.svc, false, *.shop.svc",
    "a.b.shop.svc, false, *.shop.svc",
    "a.shop.svc:80, false, *",
    "a.x.svc, false, *.svc",
    "shop.svc, false, *.svc",
    "api.other:80, false, api.*",
    "[::1], false, [::1]",
    "[::1]:80, false, *",
    "elsewhere, false, *",
    "'', false, *",
    "SHOP:8080, true, shop",
    "a.shop.svc:80, true, *.shop.svc",
    "[::1]:80, true, [::1]",
    "[::1], true, [::1]"
  })
  void picksTheMostSpecificHost(String authority, boolean ignoresPort, String expected) {
    RouteConfiguration routes =
        new RouteConfiguration(
            "r",
            List.of(
                host("*"),
                host("*.svc"),
                host("*.shop.svc"),
                host("api.*"),
                host("shop"),
                host("shop:81"),
                host("[::1]")),
            ignoresPort);
    VirtualHost found = Router.virtualHost(routes, authority);
    assertThat(found).isNotNull();
    assertThat(found.name()).isEqualTo(expected);
  }

  @Test
  void takesTheFirstRouteThatMatches() {
    RouteConfiguration routes =
        new RouteConfiguration(
            "r",
            List.of(
                new VirtualHost(
                    "h",
                    List.of("*"),
                    List.of(
                        route("exact", new PathMatch.Exact("/a")),
                        route("regex", new PathMatch.Regex(Pattern.compile("/b/[0-9]+"))),
                        route(
                            "header",
                            new PathMatch.Prefix("/c"),
                            new HeaderMatch("x-tag", new ValueMatch.Exact("one,two"), false),
                            new HeaderMatch("x-none", new ValueMatch.Present(), true),
                            new HeaderMatch(":method", new ValueMatch.Exact("GET"), false)),
                        route("prefix", new PathMatch.Prefix("/c"))))));
    assertThat(name(routes, "/a?x=1")).isEqualTo("exact");
    assertThat(name(routes, "/a/")).isEqualTo("none");
    assertThat(name(routes, "/b/12?q")).isEqualTo("regex");
    assertThat(name(routes, "/b/12/")).isEqualTo("none");
    assertThat(name(routes, "/cc")).isEqualTo("header");
  }

  private static String name(RouteConfiguration routes, String path) {
    Route route = Router.route(routes, request("shop", path));
    return route == null ? "none" : route.name();
  }

  private static Route route(String name, PathMatch path, HeaderMatch... headers) {
    return new Route(
        name, new RouteMatch(path, List.of(headers)), new RouteAction.DirectResponse(200, ""));
  }

  @Test
  void allowsOnlyWhatARuleAllows() {
    AccessPolicy policy =
        new AccessPolicy(
            List.of(
                new AccessPolicy.Rule(
                    "r",
                    List.of("spiffe://t/ns/a/sa/b"),
                    List.of(8080),
                    new RouteMatch(new PathMatch.Prefix("/ok"), List.of()))));
    RequestHead allowed = request("shop", "/ok");
    assertThat(AccessDecision.allows(policy, List.of("spiffe://t/ns/a/sa/b"), 8080, allowed))
        .isTrue();
    assertThat(AccessDecision.allows(policy, List.of("spiffe://t/ns/a/sa/c"), 8080, allowed))
        .isFalse();
    assertThat(AccessDecision.allows(policy, List.of(), 8080, allowed)).isFalse();
    assertThat(AccessDecision.allows(policy, List.of("spiffe://t/ns/a/sa/b"), 80, allowed))
        .isFalse();
    assertThat(
            AccessDecision.allows(
                policy, List.of("spiffe://t/ns/a/sa/b"), 8080, request("shop", "/no?/ok")))
        .isFalse();
    assertThat(AccessDecision.allows(new AccessPolicy(List.of()), List.of(), 80, allowed))
        .isFalse();
  }

  @Test
  void choosesByWeight() {
    List<WeightedCluster> clusters =
        List.of(
            new WeightedCluster("zero", 0),
            new WeightedCluster("a", 4_294_967_295L),
            new WeightedCluster("b", 4_294_967_295L / 3));
    SplittableRandom random = new SplittableRandom(42);
    int a = 0;
    for (int i = 0; i < 10_000; i++) {
      WeightedCluster choice = WeightedChoice.choose(clusters, random);
      assertThat(choice).isNotNull();
      assertThat(choice.cluster()).isNotEqualTo("zero");
      if (choice.cluster().equals("a")) {
        a++;
      }
    }
    assertThat(a).isBetween(7300, 7700);
    assertThat(WeightedChoice.choose(List.of(new WeightedCluster("z", 0)), random)).isNull();
    assertThat(
            WeightedChoice.choose(
                List.of(new WeightedCluster("y", 0), new WeightedCluster("z", 0)), random))
        .isNull();
  }
}
