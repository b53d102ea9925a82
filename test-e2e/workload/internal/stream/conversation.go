package stream

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/url"

	"golang.org/x/net/websocket"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"heddle.dev/workload/internal/echo"
)

// Protocol is what carries a stream.
type Protocol string

// The protocols. TCP expects a server that echoes; of a target for TCP and gRPC, host and port count.
const (
	TCP       Protocol = "tcp"
	WebSocket Protocol = "websocket"
	GRPC      Protocol = "grpc"
)

// conversation is an open stream to a server that echoes.
type conversation interface {
	// exchange sends a line of text and returns what comes back.
	exchange(text string) (string, error)
	// Close ends it, and an exchange that waits.
	io.Closer
}

// open connects; the conversation ends with ctx at the latest.
func open(ctx context.Context, protocol Protocol, target *url.URL) (conversation, error) {
	switch protocol {
	case TCP:
		connection, err := new(net.Dialer).DialContext(ctx, "tcp", target.Host)
		if err != nil {
			return nil, err
		}
		return &tcpConversation{Conn: connection, reader: bufio.NewReader(connection)}, nil
	case WebSocket:
		configuration, err := websocket.NewConfig("ws://"+target.Host+target.Path, "http://"+target.Host)
		if err != nil {
			return nil, err
		}
		connection, err := configuration.DialContext(ctx)
		if err != nil {
			return nil, err
		}
		return &webSocketConversation{connection}, nil
	case GRPC:
		return openGRPC(ctx, target.Host)
	default:
		return nil, fmt.Errorf("protocol: %s (expected: tcp, websocket or grpc)", protocol)
	}
}

type tcpConversation struct {
	net.Conn
	reader *bufio.Reader
}

func (c *tcpConversation) exchange(text string) (string, error) {
	if _, err := io.WriteString(c, text+"\n"); err != nil {
		return "", err
	}
	line, err := c.reader.ReadString('\n')
	if err != nil {
		return "", err
	}
	return line[:len(line)-1], nil
}

type webSocketConversation struct {
	*websocket.Conn
}

func (c *webSocketConversation) exchange(text string) (string, error) {
	if err := websocket.Message.Send(c.Conn, text); err != nil {
		return "", err
	}
	var answer string
	err := websocket.Message.Receive(c.Conn, &answer)
	return answer, err
}

type grpcConversation struct {
	*grpc.ClientConn
	stream grpc.ClientStream
}

func openGRPC(ctx context.Context, address string) (conversation, error) {
	connection, err := grpc.NewClient("passthrough:///"+address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return nil, err
	}
	stream, err := connection.NewStream(ctx, &grpc.StreamDesc{ServerStreams: true, ClientStreams: true}, echo.ChatMethod)
	if err != nil {
		connection.Close()
		return nil, err
	}
	return &grpcConversation{connection, stream}, nil
}

func (c *grpcConversation) exchange(text string) (string, error) {
	// An error here is io.EOF; why the stream has ended is what receiving says.
	if err := c.stream.SendMsg(wrapperspb.String(text)); err != nil && err != io.EOF {
		return "", err
	}
	answer := new(wrapperspb.StringValue)
	if err := c.stream.RecvMsg(answer); err != nil {
		return "", err
	}
	_, echoed := echo.Split(answer.GetValue())
	return echoed, nil
}
