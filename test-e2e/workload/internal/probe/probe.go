// Package probe holds the small commands that a test runs once in a pod.
package probe

import (
	"context"
	"crypto/tls"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"slices"
	"strings"
	"time"

	"heddle.dev/workload/internal/client"
)

// Call calls a URL at once: nothing else happens before, so that it tells whether an app's first millisecond has a network.
func Call(ctx context.Context, arguments []string) error {
	var (
		target   client.Target
		protocol string
		count    int
		timeout  time.Duration
	)
	flags := flag.NewFlagSet("call", flag.ContinueOnError)
	flags.StringVar(&target.URL, "target", "", "URL to call")
	flags.StringVar(&protocol, "protocol", string(client.HTTP1), "http1, h2c, https, h2, grpc or grpc-stream")
	flags.IntVar(&count, "count", 1, "calls, one after the other")
	flags.DurationVar(&timeout, "timeout", 5*time.Second, "of one call")
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	target.Protocol = client.Protocol(protocol)
	caller, err := client.New(target)
	if err != nil {
		return err
	}
	defer caller.Close()
	for range count {
		if err := callOnce(ctx, caller, timeout); err != nil {
			return err
		}
	}
	return nil
}

func callOnce(ctx context.Context, caller client.Client, timeout time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	started := time.Now()
	result, err := caller.Do(ctx)
	if err != nil {
		return err
	}
	if !result.OK() {
		return fmt.Errorf("status %d", result.Status)
	}
	return json.NewEncoder(os.Stdout).Encode(map[string]any{
		"version": result.Version, "status": result.Status, "microseconds": time.Since(started).Microseconds(),
	})
}

// Times of many attempts, in microseconds.
type Times struct {
	Min int64 `json:"min"`
	P50 int64 `json:"p50"`
	P99 int64 `json:"p99"`
	Max int64 `json:"max"`
}

// ConnectReport is what Connect prints.
type ConnectReport struct {
	Attempts int `json:"attempts"`
	// Connect is until the connection stood, FirstByte until the server's first byte, both from the same start.
	Connect   Times `json:"connectMicroseconds"`
	FirstByte Times `json:"firstByteMicroseconds"`
	// First is what came with the first byte of the last attempt.
	First string `json:"first"`
}

// Connect opens TCP connections one after the other and measures until the first byte; it fails if any attempt does.
func Connect(ctx context.Context, arguments []string) error {
	var (
		address, send string
		count         int
		timeout       time.Duration
	)
	flags := flag.NewFlagSet("connect", flag.ContinueOnError)
	flags.StringVar(&address, "address", "", "HOST:PORT")
	flags.StringVar(&send, "send", "", "what to send first; nothing for a server that speaks first (\\r and \\n are understood)")
	flags.IntVar(&count, "count", 1, "connections, one after the other")
	flags.DurationVar(&timeout, "timeout", 10*time.Second, "of one connection")
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	if count < 1 {
		return fmt.Errorf("count: %d (expected: >= 1)", count)
	}
	report := ConnectReport{Attempts: count}
	var connects, firsts []time.Duration
	for attempt := range count {
		connect, first, answer, err := connectOnce(ctx, address, unescape(send), timeout)
		if err != nil {
			return fmt.Errorf("attempt %d of %d: %w", attempt+1, count, err)
		}
		connects, firsts, report.First = append(connects, connect), append(firsts, first), answer
	}
	report.Connect, report.FirstByte = times(connects), times(firsts)
	return json.NewEncoder(os.Stdout).Encode(report)
}

func connectOnce(ctx context.Context, address, send string, timeout time.Duration) (connect, first time.Duration, answer string, err error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	started := time.Now()
	connection, err := new(net.Dialer).DialContext(ctx, "tcp", address)
	if err != nil {
		return 0, 0, "", err
	}
	defer connection.Close()
	connect = time.Since(started)
	if err := connection.SetDeadline(started.Add(timeout)); err != nil {
		return 0, 0, "", err
	}
	if _, err := io.WriteString(connection, send); err != nil {
		return 0, 0, "", err
	}
	buffer := make([]byte, 4096)
	n, err := connection.Read(buffer)
	if err != nil {
		return 0, 0, "", fmt.Errorf("no first byte: %w", err)
	}
	return connect, time.Since(started), string(buffer[:n]), nil
}

func unescape(text string) string {
	return strings.NewReplacer(`\r`, "\r", `\n`, "\n").Replace(text)
}

func times(all []time.Duration) Times {
	slices.Sort(all)
	at := func(quantile float64) int64 {
		return all[min(int(quantile*float64(len(all))), len(all)-1)].Microseconds()
	}
	return Times{at(0), at(0.5), at(0.99), at(1)}
}

// Peer is what TLSPeek prints.
type Peer struct {
	Version string `json:"version"`
	ALPN    string `json:"alpn"`
	Suite   string `json:"suite"`
	// Certificates in the order sent, leaf first.
	Certificates []Certificate `json:"certificates"`
	// CertificateAsked is whether the peer asked for ours.
	CertificateAsked bool `json:"certificateAsked"`
	// Error of the handshake; what was seen until then is still reported.
	Error string `json:"error,omitempty"`
}

// Certificate of a peer.
type Certificate struct {
	Subject   string    `json:"subject"`
	URIs      []string  `json:"uris"`
	DNSNames  []string  `json:"dnsNames"`
	NotBefore time.Time `json:"notBefore"`
	NotAfter  time.Time `json:"notAfter"`
	Serial    string    `json:"serial"`
	Key       string    `json:"key"`
}

// TLSPeek makes a handshake without trusting the peer and prints what it showed.
func TLSPeek(ctx context.Context, arguments []string) error {
	var (
		address, name, alpn string
		timeout             time.Duration
	)
	flags := flag.NewFlagSet("tls-peek", flag.ContinueOnError)
	flags.StringVar(&address, "address", "", "HOST:PORT")
	flags.StringVar(&name, "server-name", "", "SNI; by default the address's host")
	flags.StringVar(&alpn, "alpn", "", "protocols to offer, separated by commas")
	flags.DurationVar(&timeout, "timeout", 5*time.Second, "of it all")
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	if name == "" {
		host, _, err := net.SplitHostPort(address)
		if err != nil {
			return err
		}
		name = host
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	connection, err := new(net.Dialer).DialContext(ctx, "tcp", address)
	if err != nil {
		return err
	}
	defer connection.Close()
	peer := peek(ctx, connection, name, alpn)
	return json.NewEncoder(os.Stdout).Encode(peer)
}

func peek(ctx context.Context, connection net.Conn, name, alpn string) Peer {
	var peer Peer
	configuration := &tls.Config{
		ServerName:         name,
		InsecureSkipVerify: true,
		VerifyConnection: func(state tls.ConnectionState) error {
			peer.Version = tls.VersionName(state.Version)
			peer.ALPN = state.NegotiatedProtocol
			peer.Suite = tls.CipherSuiteName(state.CipherSuite)
			for _, certificate := range state.PeerCertificates {
				seen := Certificate{
					Subject: certificate.Subject.String(), DNSNames: certificate.DNSNames, NotBefore: certificate.NotBefore,
					NotAfter: certificate.NotAfter, Serial: hex.EncodeToString(certificate.SerialNumber.Bytes()),
					Key: certificate.PublicKeyAlgorithm.String(),
				}
				for _, uri := range certificate.URIs {
					seen.URIs = append(seen.URIs, uri.String())
				}
				peer.Certificates = append(peer.Certificates, seen)
			}
			return nil
		},
		GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
			peer.CertificateAsked = true
			return new(tls.Certificate), nil
		},
	}
	if alpn != "" {
		configuration.NextProtos = strings.Split(alpn, ",")
	}
	secured := tls.Client(connection, configuration)
	if err := secured.HandshakeContext(ctx); err != nil {
		peer.Error = err.Error()
		return peer
	}
	// In TLS 1.3 a peer that refuses us says so only after the handshake.
	if deadline, known := ctx.Deadline(); known {
		if err := secured.SetReadDeadline(minTime(deadline, time.Now().Add(500*time.Millisecond))); err != nil {
			peer.Error = err.Error()
			return peer
		}
	}
	if _, err := secured.Read(make([]byte, 1)); err != nil && !errors.Is(err, os.ErrDeadlineExceeded) && !errors.Is(err, io.EOF) {
		peer.Error = err.Error()
	}
	return peer
}

func minTime(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
