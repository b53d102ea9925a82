// Package load is the load generator of the workload: it counts who answered, and forgets no failure.
package load

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"strings"
	"time"
)

// Main serves the HTTP API until ctx ends or, with -target, makes one run, prints its report as JSON and fails if a request did.
func Main(ctx context.Context, arguments []string) error {
	var (
		s       Specification
		address string
	)
	flags := flag.NewFlagSet("load", flag.ContinueOnError)
	flags.StringVar(&address, "address", ":8090", "where the HTTP API listens, without -target")
	flags.StringVar(&s.URL, "target", "", "what to call: makes one run and prints its report")
	flags.Func("protocol", "http1 (default), h2c, https, h2, grpc or grpc-stream", func(text string) error {
		return json.Unmarshal([]byte(fmt.Sprintf("%q", text)), &s.Protocol)
	})
	flags.Func("header", "NAME: VALUE to send; may be repeated", func(text string) error {
		name, value, found := strings.Cut(text, ":")
		if !found {
			return errors.New("expected: NAME: VALUE")
		}
		if s.Headers == nil {
			s.Headers = map[string]string{}
		}
		s.Headers[strings.TrimSpace(name)] = strings.TrimSpace(value)
		return nil
	})
	flags.BoolVar(&s.NewConnections, "new-connections", false, "a connection for every request")
	flags.Float64Var(&s.Rate, "rate", 0, "requests per second; 0: closed loop")
	flags.Var(&s.Interval, "interval", "pause of the closed loop")
	flags.IntVar(&s.Connections, "connections", 1, "clients, each with its own connection")
	flags.Var(&s.Timeout, "timeout", "of one request (default 5s)")
	flags.Var(&s.Duration, "duration", "of the run; 0: until SIGTERM")
	flags.IntVar(&s.Requests, "requests", 0, "in all; 0: no limit")
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	if s.URL == "" {
		return serveAPI(ctx, address)
	}
	return once(ctx, s)
}

func once(ctx context.Context, specification Specification) error {
	run, err := Start(ctx, specification)
	if err != nil {
		return err
	}
	run.Wait()
	report := run.recorder.report(0, 0)
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(report); err != nil {
		return err
	}
	if report.Failures > 0 {
		return fmt.Errorf("%d of %d requests failed", report.Failures, report.Requests)
	}
	return nil
}

func serveAPI(ctx context.Context, address string) error {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	log.Printf("load API on %s", listener.Addr())
	server := &http.Server{Handler: NewAPI(ctx), ReadHeaderTimeout: 10 * time.Second}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
		deadline, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		return server.Shutdown(deadline)
	}
}
