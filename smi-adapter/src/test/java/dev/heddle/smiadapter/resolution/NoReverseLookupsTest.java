package dev.heddle.smiadapter.resolution;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.UnknownHostException;
import org.junit.jupiter.api.Test;

/** It is in place in this process as in the adapter's own: by its file under META-INF/services. */
class NoReverseLookupsTest {

  private static final byte[] LOOPBACK = {127, 0, 0, 1};

  @Test
  void anAddressHasNoName() throws UnknownHostException {
    assertThat(InetAddress.getByAddress(LOOPBACK).getHostName()).isEqualTo("127.0.0.1");
  }

  @Test
  void aNameHasItsAddresses() throws UnknownHostException {
    assertThat(InetAddress.getAllByName("localhost")).contains(InetAddress.getByAddress(LOOPBACK));
  }
}
