// Bench-tools is the load that no common tool makes, and the servers for it: new mTLS connections with and without resumption, idle
// connections, gRPC streams, a cluster that grows, a thousand proxies of a control plane. The first argument chooses; a result is one JSON object on standard output.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"heddle.dev/bench/controlplane"
)

// Result is what a load tells.
type Result struct {
	Count   int64   `json:"count"`
	Resumed int64   `json:"resumed"`
	Seconds float64 `json:"seconds"`
}

var commands = map[string]func(ctx context.Context, arguments []string) error{
	"serve":         serve,
	"stream":        stream,
	"handshakes":    handshakes,
	"hold":          hold,
	"services":      services,
	"control-plane": controlplane.Run,
}

func main() {
	if len(os.Args) < 2 || commands[os.Args[1]] == nil {
		fmt.Fprintln(os.Stderr, "usage: bench-tools serve|stream|handshakes|hold|services|control-plane [-flag...]")
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	if err := commands[os.Args[1]](ctx, os.Args[2:]); err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", os.Args[1], err)
		os.Exit(1)
	}
}

func tell(count, resumed int64, since time.Time) error {
	return json.NewEncoder(os.Stdout).Encode(Result{count, resumed, time.Since(since).Seconds()})
}
