package dev.heddle.dataplane.xds.translation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.BoolValue;
import com.google.protobuf.UInt32Value;
import com.google.protobuf.UnknownFieldSet;
import io.envoyproxy.envoy.config.route.v3.RouteAction;
import io.envoyproxy.envoy.config.route.v3.VirtualHost;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class MessageTypesTest {

  private static final int NOBODYS_NUMBER = 4711;

  @Test
  void knowTheDescriptor() {
    assertThat(MessageTypes.descriptor(VirtualHost.getDefaultInstance()))
        .isSameAs(VirtualHost.getDescriptor());
  }

  @Test
  void areThoseThatReflectionFinds() {
    VirtualHost host =
        VirtualHost.newBuilder()
            .setName("web")
            .addDomains("a")
            .addDomains("b")
            .putTypedPerFilterConfig("filter", com.google.protobuf.Any.getDefaultInstance())
            .setIncludeIsTimeoutRetryHeader(true)
            .setPerRequestBufferLimitBytes(UInt32Value.getDefaultInstance())
            .build();

    assertThat(MessageTypes.setFields(host))
        .containsExactlyElementsOf(
            host.getAllFields().keySet().stream().map(field -> field.getNumber()).toList());
  }

  @Test
  void includeAnEmptyMemberOfAOneofButNoDefaultOfAScalar() {
    RouteAction action =
        RouteAction.newBuilder()
            .setCluster("")
            .setAppendXForwardedHost(false)
            .setAutoHostRewrite(BoolValue.getDefaultInstance())
            .build();

    assertThat(MessageTypes.setFields(action))
        .containsExactly(
            RouteAction.CLUSTER_FIELD_NUMBER, RouteAction.AUTO_HOST_REWRITE_FIELD_NUMBER);
  }

  @Test
  void includeThoseOfANewerApiWhichAreRefused() {
    VirtualHost host =
        VirtualHost.newBuilder()
            .setName("web")
            .setUnknownFields(
                UnknownFieldSet.newBuilder()
                    .addField(
                        NOBODYS_NUMBER, UnknownFieldSet.Field.newBuilder().addVarint(1).build())
                    .build())
            .build();

    assertThat(MessageTypes.setFields(host)).contains(NOBODYS_NUMBER);
    assertThatThrownBy(() -> FieldPath.ROOT.field("host").allowOnly(host, Set.of("name")))
        .isInstanceOf(InvalidResourceException.class)
        .hasMessageStartingWith("host: unknown field numbers [4711] (expected: ");
  }
}
