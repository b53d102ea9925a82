package main

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

// patience bounds one connection from dial to close.
const patience = 10 * time.Second

// handshakes opens mTLS connections one after another, asks one HTTP/1.1 request on each, and counts them.
func handshakes(ctx context.Context, arguments []string) error {
	flags := flag.NewFlagSet("handshakes", flag.ContinueOnError)
	target := flags.String("target", "", "host and port")
	certificate := flags.String("certificate", "", "PEM file of the client's certificate")
	key := flags.String("key", "", "PEM file of its key")
	root := flags.String("root", "", "PEM file of the root that must have signed the server's certificate")
	resume := flags.Bool("resume", false, "resume the session of an earlier connection where the server lets it")
	hybrid := flags.Bool("hybrid", false, "offer X25519 with ML-KEM-768 before X25519 alone")
	workers := flags.Int("workers", 4, "at the same time")
	duration := flags.Duration("duration", 5*time.Second, "how long")
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	configuration, err := clientTLS(*certificate, *key, *root, *hybrid)
	if err != nil {
		return err
	}
	var count, resumed atomic.Int64
	problems := make([]error, *workers)
	var running sync.WaitGroup
	begin := time.Now()
	end := begin.Add(*duration)
	for i := range *workers {
		own := configuration.Clone()
		if *resume {
			own.ClientSessionCache = tls.NewLRUClientSessionCache(1)
		}
		running.Go(func() {
			for time.Now().Before(end) && ctx.Err() == nil {
				again, err := connectOnce(*target, own)
				if err != nil {
					problems[i] = err
					return
				}
				count.Add(1)
				if again {
					resumed.Add(1)
				}
			}
		})
	}
	running.Wait()
	if err := errors.Join(problems...); err != nil {
		return err
	}
	return tell(count.Load(), resumed.Load(), begin)
}

// clientTLS verifies the chain of the server, not its name: its certificate has a SPIFFE id only.
func clientTLS(certificateFile, keyFile, rootFile string, hybrid bool) (*tls.Config, error) {
	certificate, err := tls.LoadX509KeyPair(certificateFile, keyFile)
	if err != nil {
		return nil, err
	}
	pem, err := os.ReadFile(rootFile)
	if err != nil {
		return nil, err
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("%s: no certificate", rootFile)
	}
	groups := []tls.CurveID{tls.X25519}
	if hybrid {
		groups = []tls.CurveID{tls.X25519MLKEM768, tls.X25519}
	}
	return &tls.Config{
		Certificates:       []tls.Certificate{certificate},
		InsecureSkipVerify: true,
		VerifyConnection: func(state tls.ConnectionState) error {
			_, err := state.PeerCertificates[0].Verify(x509.VerifyOptions{Roots: roots})
			return err
		},
		ServerName:       "mesh.heddle.internal",
		NextProtos:       []string{"http/1.1"},
		MinVersion:       tls.VersionTLS13,
		CurvePreferences: groups,
	}, nil
}

func connectOnce(target string, configuration *tls.Config) (resumed bool, err error) {
	plain, err := net.DialTimeout("tcp", target, patience)
	if err != nil {
		return false, err
	}
	defer plain.Close()
	if err := plain.SetDeadline(time.Now().Add(patience)); err != nil {
		return false, err
	}
	connection := tls.Client(plain, configuration)
	if err := ask(connection); err != nil {
		return false, err
	}
	return connection.ConnectionState().DidResume, nil
}

// ask sends a request and reads the whole answer.
func ask(connection net.Conn) error {
	if _, err := io.WriteString(connection, "GET / HTTP/1.1\r\nhost: bench\r\n\r\n"); err != nil {
		return err
	}
	response, err := http.ReadResponse(bufio.NewReader(connection), nil)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if _, err := io.Copy(io.Discard, response.Body); err != nil {
		return err
	}
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("status: %d (expected: 200)", response.StatusCode)
	}
	return nil
}
