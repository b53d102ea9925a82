package node

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"
	"time"
)

const (
	probeInterval = 50 * time.Millisecond
	probeTimeout  = time.Second
)

// prober asks whether something that a component awaits is there.
type prober struct{ client *http.Client }

func newProber(authority string) (*prober, error) {
	pem, err := os.ReadFile(authority)
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("%s: holds no certificate", authority)
	}
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS13}}
	return &prober{client: &http.Client{Transport: transport, Timeout: probeTimeout}}, nil
}

// await returns when the target answers; it gives up only with the node itself, and says every ten seconds what it awaits.
func (p *prober) await(target string, say func(format string, args ...any)) {
	begin := time.Now()
	reminder := begin.Add(10 * time.Second)
	for {
		err := p.ask(target)
		if err == nil {
			return
		}
		if time.Now().After(reminder) {
			say("has awaited %s for %s: %v", target, time.Since(begin).Round(time.Second), err)
			reminder = time.Now().Add(10 * time.Second)
		}
		time.Sleep(probeInterval)
	}
}

func (p *prober) ask(target string) error {
	if target == "" {
		return nil
	}
	if strings.HasPrefix(target, "https://") {
		return p.get(target)
	}
	kind, address, found := strings.Cut(target, ":")
	if !found {
		return fmt.Errorf("target: %s (expected: unix:PATH, tcp:HOST:PORT or an https URL)", target)
	}
	connection, err := net.DialTimeout(kind, address, probeTimeout)
	if err != nil {
		return err
	}
	return connection.Close()
}

func (p *prober) get(url string) error {
	request, err := http.NewRequestWithContext(context.Background(), http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	response, err := p.client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", url, response.Status)
	}
	return nil
}
