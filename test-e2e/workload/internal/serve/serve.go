// Package serve is the server side of the workload.
package serve

import (
	"context"
	"crypto/tls"
	"errors"
	"flag"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/health"
	"google.golang.org/grpc/health/grpc_health_v1"

	"heddle.dev/workload/internal/echo"
)

// Identity is who answered.
type Identity struct {
	Version string `json:"version"`
	Pod     string `json:"pod"`
}

type options struct {
	identity                            Identity
	http, https, grpc, greeter, tcpEcho string
	grace, drain                        time.Duration
}

// Run serves until ctx ends (SIGTERM), keeps taking new work for the grace period, then drains and returns nil.
//
// An empty address switches a server off.
func Run(ctx context.Context, arguments []string) error {
	hostname, err := os.Hostname()
	if err != nil {
		return err
	}
	var o options
	flags := flag.NewFlagSet("serve", flag.ContinueOnError)
	flags.StringVar(&o.identity.Version, "version", environment("VERSION", "v0"), "what to answer as version (VERSION)")
	flags.StringVar(&o.identity.Pod, "pod", environment("POD_NAME", hostname), "what to answer as pod (POD_NAME)")
	flags.StringVar(&o.http, "http", ":8080", "HTTP/1.1 and h2c")
	flags.StringVar(&o.https, "https", ":8443", "HTTP/1.1 and h2 over TLS with a certificate made at start")
	flags.StringVar(&o.grpc, "grpc", ":9090", "gRPC echo and health")
	flags.StringVar(&o.greeter, "greeter", ":7070", "TCP that speaks first, then echoes")
	flags.StringVar(&o.tcpEcho, "tcp-echo", ":7071", "TCP that echoes")
	flags.DurationVar(&o.grace, "grace", 0, "after SIGTERM: go on taking new work for this long")
	flags.DurationVar(&o.drain, "drain", 10*time.Second, "after the grace: let work in flight finish for at most this long")
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	return o.run(ctx)
}

// server is one listening socket and what serves it.
type server struct {
	name, address string
	serve         func(net.Listener) error
	shutdown      func(context.Context) error
}

func (o options) run(ctx context.Context) error {
	servers, err := o.servers()
	if err != nil {
		return err
	}
	failed := make(chan error, len(servers))
	for _, s := range servers {
		listener, err := net.Listen("tcp", s.address)
		if err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
		log.Printf("%s on %s as %s (%s)", s.name, listener.Addr(), o.identity.Version, o.identity.Pod)
		go func() {
			if err := s.serve(listener); err != nil && !errors.Is(err, net.ErrClosed) && !errors.Is(err, http.ErrServerClosed) {
				failed <- fmt.Errorf("%s: %w", s.name, err)
			}
		}()
	}

	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	log.Printf("asked to end: serving for another %s, then draining for at most %s", o.grace, o.drain)
	select {
	case err := <-failed:
		return err
	case <-time.After(o.grace):
	}
	return shutdown(servers, o.drain)
}

func shutdown(servers []server, drain time.Duration) error {
	ctx, cancel := context.WithTimeout(context.Background(), drain)
	defer cancel()
	problems := make([]error, len(servers))
	var running sync.WaitGroup
	for i, s := range servers {
		running.Add(1)
		go func() {
			defer running.Done()
			if err := s.shutdown(ctx); err != nil {
				problems[i] = fmt.Errorf("%s: %w", s.name, err)
			}
		}()
	}
	running.Wait()
	return errors.Join(problems...)
}

func (o options) servers() ([]server, error) {
	certificate, err := selfSigned()
	if err != nil {
		return nil, err
	}
	plain := new(http.Protocols)
	plain.SetHTTP1(true)
	plain.SetUnencryptedHTTP2(true)
	handler := Handler(o.identity)
	httpServer := &http.Server{Handler: handler, Protocols: plain, ReadHeaderTimeout: 10 * time.Second}
	httpsServer := &http.Server{
		Handler:           handler,
		TLSConfig:         &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12},
		ReadHeaderTimeout: 10 * time.Second,
	}

	grpcServer := grpc.NewServer()
	(&echo.Server{Version: o.identity.Version}).Register(grpcServer)
	grpc_health_v1.RegisterHealthServer(grpcServer, health.NewServer())

	greeter := newTCPServer(fmt.Sprintf("hello from %s %s\n", o.identity.Version, o.identity.Pod))
	tcpEcho := newTCPServer("")

	all := []server{
		{"http", o.http, httpServer.Serve, httpServer.Shutdown},
		{"https", o.https, func(l net.Listener) error { return httpsServer.ServeTLS(l, "", "") }, httpsServer.Shutdown},
		{"grpc", o.grpc, grpcServer.Serve, func(ctx context.Context) error { return stopGRPC(ctx, grpcServer) }},
		{"greeter", o.greeter, greeter.serve, greeter.shutdown},
		{"tcp-echo", o.tcpEcho, tcpEcho.serve, tcpEcho.shutdown},
	}
	wanted := all[:0]
	for _, s := range all {
		if s.address != "" {
			wanted = append(wanted, s)
		}
	}
	return wanted, nil
}

func stopGRPC(ctx context.Context, server *grpc.Server) error {
	done := make(chan struct{})
	go func() {
		server.GracefulStop()
		close(done)
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		server.Stop()
		return ctx.Err()
	}
}

func environment(name, fallback string) string {
	if value := os.Getenv(name); value != "" {
		return value
	}
	return fallback
}
