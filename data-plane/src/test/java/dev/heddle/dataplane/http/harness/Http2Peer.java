package dev.heddle.dataplane.http.harness;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2GoAwayFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2GoAwayFrame;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2ResetFrame;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2StreamChannel;
import io.netty.handler.codec.http2.Http2StreamChannelBootstrap;
import io.netty.util.ReferenceCountUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** HTTP/2 clients and servers for tests, on Netty's multiplexing codec. */
public final class Http2Peer implements AutoCloseable {
  private final MultiThreadIoEventLoopGroup group =
      new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());

  /** Serves a stream, called when its headers have come in and again when it has ended. */
  @FunctionalInterface
  public interface Handler {
    void handle(Request request);
  }

  /** A request as the server sees it. */
  public static final class Request {
    private final Http2StreamChannel channel;
    private final Http2Headers headers;
    private final int connection;
    private final StringBuilder body = new StringBuilder();
    private boolean ended;
    private @Nullable Http2Headers trailers;

    private Request(Http2StreamChannel channel, Http2Headers headers, int connection) {
      this.channel = channel;
      this.headers = headers;
      this.connection = connection;
    }

    public Http2Headers headers() {
      return headers;
    }

    public String body() {
      return body.toString();
    }

    public boolean ended() {
      return ended;
    }

    public @Nullable Http2Headers trailers() {
      return trailers;
    }

    /** 1 for the first connection. */
    public int connection() {
      return connection;
    }

    public Request head(String status, boolean end) {
      channel.writeAndFlush(
          new DefaultHttp2HeadersFrame(new DefaultHttp2Headers().status(status), end));
      return this;
    }

    public Request data(ByteBuf data, boolean end) {
      channel.writeAndFlush(new DefaultHttp2DataFrame(data, end));
      return this;
    }

    public Request data(String text, boolean end) {
      return data(Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1), end);
    }

    public void trailers(Http2Headers block) {
      channel.writeAndFlush(new DefaultHttp2HeadersFrame(block, true));
    }

    public void reset(Http2Error error) {
      channel.writeAndFlush(new DefaultHttp2ResetFrame(error));
    }

    /**
     * Sends GOAWAY for the whole connection.
     *
     * @param extraStreams how many streams beyond the last one opened are still served
     */
    public void goAway(int extraStreams) {
      DefaultHttp2GoAwayFrame frame = new DefaultHttp2GoAwayFrame(Http2Error.NO_ERROR);
      frame.setExtraStreamIds(extraStreams);
      channel.parent().writeAndFlush(frame);
    }
  }

  public InetSocketAddress serve(Handler handler) throws InterruptedException {
    AtomicInteger connections = new AtomicInteger();
    Channel server =
        new ServerBootstrap()
            .group(group)
            .channel(NioServerSocketChannel.class)
            .childHandler(
                new ChannelInitializer<SocketChannel>() {
                  @Override
                  protected void initChannel(SocketChannel channel) {
                    int number = connections.incrementAndGet();
                    channel
                        .pipeline()
                        .addLast(
                            Http2FrameCodecBuilder.forServer().build(),
                            new Http2MultiplexHandler(
                                new ChannelInitializer<Channel>() {
                                  @Override
                                  protected void initChannel(Channel stream) {
                                    stream.pipeline().addLast(new ServerStream(handler, number));
                                  }
                                }));
                  }
                })
            .bind(InetAddress.getLoopbackAddress(), 0)
            .sync()
            .channel();
    return (InetSocketAddress) server.localAddress();
  }

  private static final class ServerStream extends ChannelInboundHandlerAdapter {
    private final Handler handler;
    private final int connection;
    private @Nullable Request request;

    private ServerStream(Handler handler, int connection) {
      this.handler = handler;
      this.connection = connection;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      switch (message) {
        case Http2HeadersFrame frame -> headers(context, frame);
        case Http2DataFrame frame -> data(frame);
        default -> ReferenceCountUtil.release(message);
      }
    }

    private void headers(ChannelHandlerContext context, Http2HeadersFrame frame) {
      Request current = request;
      if (current == null) {
        current = new Request((Http2StreamChannel) context.channel(), frame.headers(), connection);
        request = current;
      } else {
        current.trailers = frame.headers();
      }
      current.ended = frame.isEndStream();
      handler.handle(current);
    }

    private void data(Http2DataFrame frame) {
      Request current = request;
      if (current != null) {
        current.body.append(frame.content().toString(StandardCharsets.ISO_8859_1));
        current.ended = frame.isEndStream();
        if (current.ended) {
          handler.handle(current);
        }
      }
      frame.release();
    }
  }

  /** A client's connection. */
  public final class Client {
    private final Channel channel;
    private final List<Http2GoAwayFrame> goAways = new CopyOnWriteArrayList<>();

    private Client(InetSocketAddress address) throws InterruptedException {
      channel =
          new Bootstrap()
              .group(group)
              .channel(NioSocketChannel.class)
              .handler(
                  new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel socket) {
                      socket
                          .pipeline()
                          .addLast(
                              Http2FrameCodecBuilder.forClient()
                                  .initialSettings(Http2Settings.defaultSettings())
                                  .validateHeaders(false)
                                  .build(),
                              new Http2MultiplexHandler(new ChannelInboundHandlerAdapter()),
                              new ChannelInboundHandlerAdapter() {
                                @Override
                                public void channelRead(
                                    ChannelHandlerContext context, Object message) {
                                  if (message instanceof Http2GoAwayFrame goAway) {
                                    goAways.add(goAway);
                                  }
                                  ReferenceCountUtil.release(message);
                                }
                              });
                    }
                  })
              .connect(address)
              .sync()
              .channel();
    }

    public List<Http2GoAwayFrame> goAways() {
      return goAways;
    }

    public boolean isOpen() {
      return channel.isActive();
    }

    public Http2Headers get(String path) {
      return new DefaultHttp2Headers(false)
          .method("GET")
          .scheme("http")
          .authority("shop")
          .path(path);
    }

    public Exchange send(Http2Headers headers, boolean end) {
      Exchange exchange = new Exchange();
      @Nullable Http2StreamChannel stream =
          new Http2StreamChannelBootstrap(channel)
              .handler(exchange)
              .open()
              .awaitUninterruptibly()
              .getNow();
      if (stream == null) {
        exchange.done.complete(exchange);
        return exchange;
      }
      exchange.channel = stream;
      stream.writeAndFlush(new DefaultHttp2HeadersFrame(headers, end));
      return exchange;
    }
  }

  /** A request that the client has sent, and what has come back. */
  public static final class Exchange extends ChannelInboundHandlerAdapter {
    private final CompletableFuture<Exchange> done = new CompletableFuture<>();
    private final List<String> body = new CopyOnWriteArrayList<>();
    private final AtomicInteger bytes = new AtomicInteger();
    private volatile @Nullable Http2StreamChannel channel;
    private volatile @Nullable Http2Headers headers;
    private volatile @Nullable Http2Headers trailers;
    private volatile long error = -1;

    public Exchange data(String text, boolean end) {
      return data(Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1), end);
    }

    public Exchange data(ByteBuf data, boolean end) {
      Http2StreamChannel stream = channel;
      if (stream != null) {
        stream.writeAndFlush(new DefaultHttp2DataFrame(data, end));
      }
      return this;
    }

    public Exchange trailers(Http2Headers block) {
      Http2StreamChannel stream = channel;
      if (stream != null) {
        stream.writeAndFlush(new DefaultHttp2HeadersFrame(block, true));
      }
      return this;
    }

    public void reset(Http2Error code) {
      Http2StreamChannel stream = channel;
      if (stream != null) {
        stream.writeAndFlush(new DefaultHttp2ResetFrame(code));
      }
    }

    public void reading(boolean on) {
      Http2StreamChannel stream = channel;
      if (stream != null) {
        stream.config().setAutoRead(on);
      }
    }

    public Exchange await() throws Exception {
      return done.get(10, TimeUnit.SECONDS);
    }

    public String status() {
      Http2Headers block = headers;
      return block == null ? "" : String.valueOf(block.status());
    }

    public String header(String name) {
      Http2Headers block = headers;
      return block == null ? "" : String.valueOf(block.get(name));
    }

    public String trailer(String name) {
      Http2Headers block = trailers;
      return block == null ? "" : String.valueOf(block.get(name));
    }

    public String body() {
      return String.join("", body);
    }

    public int bytes() {
      return bytes.get();
    }

    /** The code of the reset that ended it; -1 if none did. */
    public long error() {
      return error;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      switch (message) {
        case Http2HeadersFrame frame -> {
          if (headers == null || "100".contentEquals(String.valueOf(headers.status()))) {
            headers = frame.headers();
          } else {
            trailers = frame.headers();
          }
          end(frame.isEndStream());
        }
        case Http2DataFrame frame -> {
          bytes.addAndGet(frame.content().readableBytes());
          if (body.size() < 10) {
            body.add(frame.content().toString(StandardCharsets.ISO_8859_1));
          }
          boolean last = frame.isEndStream();
          frame.release();
          end(last);
        }
        default -> ReferenceCountUtil.release(message);
      }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
      if (event instanceof Http2ResetFrame reset) {
        error = reset.errorCode();
        done.complete(this);
      }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
      done.complete(this);
    }

    private void end(boolean last) {
      if (last) {
        done.complete(this);
      }
    }
  }

  public Client connect(InetSocketAddress address) throws InterruptedException {
    return new Client(address);
  }

  @Override
  public void close() {
    group.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly(5, TimeUnit.SECONDS);
  }
}
