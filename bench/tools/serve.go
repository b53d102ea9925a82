package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"time"

	"google.golang.org/grpc"
)

const (
	service      = "bench.Echo"
	unaryMethod  = "/" + service + "/Unary"
	streamMethod = "/" + service + "/Stream"
	bodySize     = 1_000_000
)

// raw carries messages as they are, so that no time goes into encoding them.
type raw struct{}

func (raw) Marshal(message any) ([]byte, error) { return *message.(*[]byte), nil }

func (raw) Unmarshal(data []byte, message any) error {
	*message.(*[]byte) = data
	return nil
}

func (raw) Name() string { return "raw" }

// serve answers gRPC with what it was sent, and every HTTP/1.1 request with a megabyte.
func serve(ctx context.Context, arguments []string) error {
	flags := flag.NewFlagSet("serve", flag.ContinueOnError)
	grpcAddress := flags.String("grpc", "", "address of the gRPC server")
	httpAddress := flags.String("http", "", "address of the HTTP server")
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	grpcListener, err := net.Listen("tcp", *grpcAddress)
	if err != nil {
		return err
	}
	httpListener, err := net.Listen("tcp", *httpAddress)
	if err != nil {
		return err
	}
	grpcServer := grpc.NewServer(grpc.ForceServerCodec(raw{}))
	grpcServer.RegisterService(&grpc.ServiceDesc{
		ServiceName: service,
		HandlerType: (*any)(nil),
		Methods:     []grpc.MethodDesc{{MethodName: "Unary", Handler: answer}},
		Streams:     []grpc.StreamDesc{{StreamName: "Stream", ServerStreams: true, ClientStreams: true, Handler: echo}},
	}, nil)
	body := bytes.Repeat([]byte("x"), bodySize)
	httpServer := &http.Server{ReadHeaderTimeout: 10 * time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		w.Write(body) // A client that is gone needs no answer.
	})}
	failed := make(chan error, 2)
	go func() { failed <- fmt.Errorf("gRPC: %w", grpcServer.Serve(grpcListener)) }()
	go func() { failed <- fmt.Errorf("HTTP: %w", httpServer.Serve(httpListener)) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
		return nil
	}
}

func answer(_ any, _ context.Context, decode func(any) error, _ grpc.UnaryServerInterceptor) (any, error) {
	message := new([]byte)
	if err := decode(message); err != nil {
		return nil, err
	}
	return message, nil
}

func echo(_ any, stream grpc.ServerStream) error {
	message := new([]byte)
	for {
		if err := stream.RecvMsg(message); err != nil {
			return nil // The client has ended the stream.
		}
		if err := stream.SendMsg(message); err != nil {
			return err
		}
	}
}
