// Workload is what the tests run inside the mesh: a server that speaks every protocol the mesh carries, a load generator
// that notices a single failed request, and small probes. One static binary, the first argument chooses.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"heddle.dev/workload/internal/capture"
	"heddle.dev/workload/internal/datagram"
	"heddle.dev/workload/internal/load"
	"heddle.dev/workload/internal/probe"
	"heddle.dev/workload/internal/serve"
)

type command struct {
	name, summary string
	run           func(ctx context.Context, arguments []string) error
}

func commands() []command {
	return []command{
		{"serve", "HTTP/1.1, h2c, HTTPS, gRPC and TCP servers that say which version answered", serve.Run},
		{"load", "load generator: an HTTP API, or one run with -target", load.Main},
		{"call", "calls a URL as the very first thing it does; status 0 only if every call succeeded", probe.Call},
		{"ask", "sends one request and prints what came of it, a refusal too", probe.Ask},
		{"connect", "measures TCP connect and first byte", probe.Connect},
		{"datagrams", "a UDP server that says which version answered", datagram.Serve},
		{"datagram", "sends a UDP datagram until it is answered, and prints the answer", datagram.Ask},
		{"tls-peek", "makes a TLS handshake and prints what the peer showed", probe.TLSPeek},
		{"capture", "prints what a pod says to others, as seen on the node's devices", capture.Run},
		{"kill", "ends another process of the pod as a crash would", probe.Kill},
	}
}

func main() {
	os.Exit(run(os.Args[1:]))
}

func run(arguments []string) int {
	if len(arguments) > 0 {
		for _, command := range commands() {
			if command.name == arguments[0] {
				ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
				defer stop()
				if err := command.run(ctx, arguments[1:]); err != nil {
					fmt.Fprintf(os.Stderr, "%s: %v\n", command.name, err)
					return 1
				}
				return 0
			}
		}
		fmt.Fprintf(os.Stderr, "unknown command: %s\n", arguments[0])
	}
	fmt.Fprintln(os.Stderr, "usage: workload COMMAND [-flag...]")
	for _, command := range commands() {
		fmt.Fprintf(os.Stderr, "  %-9s %s\n", command.name, command.summary)
	}
	return 2
}
