package main

import (
	"context"
	"flag"
	"fmt"
	"net"
	"time"
)

// hold opens connections, asks one request on each, says "held" and keeps them until it is ended.
func hold(ctx context.Context, arguments []string) error {
	flags := flag.NewFlagSet("hold", flag.ContinueOnError)
	target := flags.String("target", "", "host and port")
	connections := flags.Int("connections", 10_000, "how many")
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	held := make([]net.Conn, 0, *connections)
	for len(held) < *connections {
		connection, err := net.DialTimeout("tcp", *target, patience)
		if err != nil {
			return fmt.Errorf("connection %d: %w", len(held)+1, err)
		}
		held = append(held, connection)
		if err := connection.SetDeadline(time.Now().Add(patience)); err != nil {
			return err
		}
		if err := ask(connection); err != nil {
			return fmt.Errorf("connection %d: %w", len(held), err)
		}
	}
	fmt.Println("held")
	<-ctx.Done()
	return nil
}
