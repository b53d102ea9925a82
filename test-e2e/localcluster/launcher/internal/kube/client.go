// Package kube is the little that the launcher asks of the API server.
package kube

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

const (
	requestTimeout = 5 * time.Second
	answerLimit    = 1 << 20
)

// Client speaks to one API server as one user.
type Client struct {
	server string
	http   *http.Client
}

// NewClient returns a client that trusts the authority and shows the certificate; all three are PEM.
func NewClient(server string, authority, certificate, key []byte) (*Client, error) {
	pair, err := tls.X509KeyPair(certificate, key)
	if err != nil {
		return nil, fmt.Errorf("client certificate: %w", err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(authority) {
		return nil, errors.New("authority: holds no certificate")
	}
	transport := &http.Transport{TLSClientConfig: &tls.Config{
		RootCAs: pool, Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS13,
	}}
	return &Client{server: server, http: &http.Client{Transport: transport, Timeout: requestTimeout}}, nil
}

// Get fetches a path and returns the body of a 200.
func (c *Client) Get(ctx context.Context, path string) ([]byte, error) {
	return c.do(ctx, http.MethodGet, path, nil)
}

// Create posts a JSON object to a collection. An object that exists already is left as it is.
func (c *Client) Create(ctx context.Context, collection string, object []byte) error {
	_, err := c.do(ctx, http.MethodPost, collection, object)
	var refused *StatusError
	if errors.As(err, &refused) && refused.Code == http.StatusConflict {
		return nil
	}
	return err
}

// StatusError is an answer other than success.
type StatusError struct {
	Code          int
	Request, Body string
}

func (e *StatusError) Error() string {
	return fmt.Sprintf("%s: %d %s: %s", e.Request, e.Code, http.StatusText(e.Code), summary(e.Body))
}

// summary is the message of an API Status, or the failing checks of a health report, or the answer's begin.
func summary(body string) string {
	var status struct{ Message string }
	if err := json.Unmarshal([]byte(body), &status); err == nil && status.Message != "" {
		return status.Message
	}
	var failing []string
	for line := range strings.Lines(body) {
		if strings.HasPrefix(line, "[-]") {
			failing = append(failing, strings.TrimSpace(line))
		}
	}
	if len(failing) > 0 {
		return strings.Join(failing, ", ")
	}
	const shown = 200
	return strings.TrimSpace(body[:min(len(body), shown)])
}

func (c *Client) do(ctx context.Context, method, path string, body []byte) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, method, c.server+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := c.http.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	content, err := io.ReadAll(io.LimitReader(response.Body, answerLimit))
	if err != nil {
		return nil, err
	}
	if response.StatusCode/100 != 2 {
		return nil, &StatusError{Code: response.StatusCode, Request: method + " " + path, Body: string(content)}
	}
	return content, nil
}

// NodeReady returns nil when the node's condition Ready is True, else why not.
func (c *Client) NodeReady(ctx context.Context, name string) error {
	content, err := c.Get(ctx, "/api/v1/nodes/"+name)
	if err != nil {
		return err
	}
	var node struct {
		Status struct {
			Conditions []struct{ Type, Status, Reason, Message string }
		}
	}
	if err := json.Unmarshal(content, &node); err != nil {
		return fmt.Errorf("node %s: %w", name, err)
	}
	for _, condition := range node.Status.Conditions {
		if condition.Type != "Ready" {
			continue
		}
		if condition.Status == "True" {
			return nil
		}
		return fmt.Errorf("node %s: %s: %s", name, condition.Reason, condition.Message)
	}
	return fmt.Errorf("node %s: has no condition Ready yet", name)
}
