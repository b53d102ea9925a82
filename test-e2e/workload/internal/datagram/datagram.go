// Package datagram sends and answers UDP datagrams.
package datagram

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"log"
	"net"
	"os"
	"time"
)

const (
	maxBytes = 64 << 10
	// again is after how long a datagram that nobody answered is sent again: UDP may lose it.
	again = 200 * time.Millisecond
)

// Serve answers each datagram with VERSION and what it said, until ctx ends.
func Serve(ctx context.Context, arguments []string) error {
	var address string
	flags := flag.NewFlagSet("datagrams", flag.ContinueOnError)
	flags.StringVar(&address, "address", ":7072", "where to listen")
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	connection, err := net.ListenPacket("udp", address)
	if err != nil {
		return err
	}
	defer connection.Close()
	log.Printf("datagrams on %s", connection.LocalAddr())
	return serve(ctx, connection, cmp.Or(os.Getenv("VERSION"), "v0"))
}

func serve(ctx context.Context, connection net.PacketConn, version string) error {
	stop := context.AfterFunc(ctx, func() { connection.Close() })
	defer stop()
	buffer := make([]byte, maxBytes)
	for {
		n, from, err := connection.ReadFrom(buffer)
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil:
			return err
		}
		if _, err := connection.WriteTo([]byte(version+" "+string(buffer[:n])), from); err != nil {
			log.Printf("answering %s: %v", from, err)
		}
	}
}

// Report is what Ask prints.
type Report struct {
	Answer string `json:"answer"`
}

// Ask sends a datagram until it is answered.
func Ask(ctx context.Context, arguments []string) error {
	var (
		address, text string
		timeout       time.Duration
	)
	flags := flag.NewFlagSet("datagram", flag.ContinueOnError)
	flags.StringVar(&address, "address", "", "HOST:PORT")
	flags.StringVar(&text, "send", "hello", "what to send")
	flags.DurationVar(&timeout, "timeout", 5*time.Second, "of it all")
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	answer, err := ask(ctx, address, text)
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(Report{answer})
}

func ask(ctx context.Context, address, text string) (string, error) {
	connection, err := new(net.Dialer).DialContext(ctx, "udp", address)
	if err != nil {
		return "", err
	}
	defer connection.Close()
	buffer := make([]byte, maxBytes)
	for ctx.Err() == nil {
		if _, err := connection.Write([]byte(text)); err != nil {
			return "", err
		}
		if err := connection.SetReadDeadline(time.Now().Add(again)); err != nil {
			return "", err
		}
		n, err := connection.Read(buffer)
		if err == nil {
			return string(buffer[:n]), nil
		}
		if !errors.Is(err, os.ErrDeadlineExceeded) {
			return "", err
		}
	}
	return "", fmt.Errorf("%s: no answer", address)
}
