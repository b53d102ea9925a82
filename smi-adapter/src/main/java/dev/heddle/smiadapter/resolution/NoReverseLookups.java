package dev.heddle.smiadapter.resolution;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.net.spi.InetAddressResolver;
import java.net.spi.InetAddressResolverProvider;
import java.util.stream.Stream;

/**
 * Looks names up as the JDK does, and no address: the JDK's HTTPS server asks for the name of every
 * caller before it shakes hands, on one of the few threads that all virtual threads share. Where
 * DNS is slow or down, that would be the time of each webhook, or its end.
 */
public final class NoReverseLookups extends InetAddressResolverProvider {

  @Override
  public InetAddressResolver get(Configuration configuration) {
    return new NamesOnly(configuration.builtinResolver());
  }

  @Override
  public String name() {
    return "no reverse lookups";
  }

  private record NamesOnly(InetAddressResolver builtin) implements InetAddressResolver {

    @Override
    public Stream<InetAddress> lookupByName(String host, LookupPolicy policy)
        throws UnknownHostException {
      return builtin.lookupByName(host, policy);
    }

    /** Who asks then shows the address itself. */
    @Override
    public String lookupByAddress(byte[] address) throws UnknownHostException {
      throw new UnknownHostException("addresses are not looked up");
    }
  }
}
