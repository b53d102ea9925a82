// Package echo is the gRPC service of the workload. Its messages are google.protobuf.StringValue, so that no code is
// generated: `heddle.test.Echo/Unary` and `heddle.test.Echo/Stream` answer with the text, prefixed by the server's version,
// and `heddle.test.Echo/Chat` answers each message so, until the client has no more.
package echo

import (
	"context"
	"io"
	"strings"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

// The full names of the methods.
const (
	UnaryMethod  = "/heddle.test.Echo/Unary"
	StreamMethod = "/heddle.test.Echo/Stream"
	ChatMethod   = "/heddle.test.Echo/Chat"
)

// StreamLength is how many messages one Stream call answers.
const StreamLength = 5

// Server answers with its version.
type Server struct {
	Version string
}

// Join makes an answer and Split takes it apart.
func Join(version, text string) string { return version + " " + text }

// Split returns the version that answered and the text that was sent.
func Split(answer string) (version, text string) {
	version, text, _ = strings.Cut(answer, " ")
	return version, text
}

func (s *Server) unary(_ context.Context, text string) (*wrapperspb.StringValue, error) {
	return wrapperspb.String(Join(s.Version, text)), nil
}

func (s *Server) stream(text string, stream grpc.ServerStream) error {
	for range StreamLength {
		if err := stream.SendMsg(wrapperspb.String(Join(s.Version, text))); err != nil {
			return err
		}
	}
	return nil
}

func (s *Server) chat(stream grpc.ServerStream) error {
	for {
		message := new(wrapperspb.StringValue)
		switch err := stream.RecvMsg(message); {
		case err == io.EOF:
			return nil
		case err != nil:
			return err
		}
		if err := stream.SendMsg(wrapperspb.String(Join(s.Version, message.GetValue()))); err != nil {
			return err
		}
	}
}

// Register adds the service to a gRPC server.
func (s *Server) Register(registrar grpc.ServiceRegistrar) {
	registrar.RegisterService(&grpc.ServiceDesc{
		ServiceName: "heddle.test.Echo",
		HandlerType: (*any)(nil),
		Methods: []grpc.MethodDesc{{
			MethodName: "Unary",
			Handler: func(server any, ctx context.Context, decode func(any) error, intercept grpc.UnaryServerInterceptor) (any, error) {
				request := new(wrapperspb.StringValue)
				if err := decode(request); err != nil {
					return nil, err
				}
				return server.(*Server).unary(ctx, request.GetValue())
			},
		}},
		Streams: []grpc.StreamDesc{{
			StreamName:    "Stream",
			ServerStreams: true,
			Handler: func(server any, stream grpc.ServerStream) error {
				request := new(wrapperspb.StringValue)
				if err := stream.RecvMsg(request); err != nil {
					return err
				}
				return server.(*Server).stream(request.GetValue(), stream)
			},
		}, {
			StreamName:    "Chat",
			ServerStreams: true,
			ClientStreams: true,
			Handler:       func(server any, stream grpc.ServerStream) error { return server.(*Server).chat(stream) },
		}},
	}, s)
}
