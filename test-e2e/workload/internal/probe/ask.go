package probe

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"strings"
	"time"

	"heddle.dev/workload/internal/client"
)

// AskReport is what Ask prints: either a status or an error.
type AskReport struct {
	Status  int    `json:"status"`
	Version string `json:"version"`
	Error   string `json:"error"`
}

// Ask sends one request. That it is refused is an outcome, not a failure.
func Ask(ctx context.Context, arguments []string) error {
	var (
		target   = client.Target{Headers: map[string]string{}, NewConnections: true}
		protocol string
		timeout  time.Duration
	)
	flags := flag.NewFlagSet("ask", flag.ContinueOnError)
	flags.StringVar(&target.URL, "target", "", "URL to call")
	flags.StringVar(&target.Method, "method", "GET", "method of HTTP")
	flags.StringVar(&protocol, "protocol", string(client.HTTP1), "http1, h2c, https, h2, grpc or grpc-stream")
	flags.DurationVar(&timeout, "timeout", 5*time.Second, "of the request")
	flags.Func("header", "NAME: VALUE to send; may be repeated", func(header string) error {
		name, value, found := strings.Cut(header, ":")
		if !found {
			return errors.New("expected: NAME: VALUE")
		}
		target.Headers[strings.TrimSpace(name)] = strings.TrimSpace(value)
		return nil
	})
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	target.Protocol = client.Protocol(protocol)
	caller, err := client.New(target)
	if err != nil {
		return err
	}
	defer caller.Close()
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	return json.NewEncoder(os.Stdout).Encode(ask(ctx, caller))
}

func ask(ctx context.Context, caller client.Client) AskReport {
	result, err := caller.Do(ctx)
	if err != nil {
		return AskReport{Error: err.Error()}
	}
	return AskReport{Status: result.Status, Version: result.Version}
}
