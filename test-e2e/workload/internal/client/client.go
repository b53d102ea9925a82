// Package client sends single requests over the protocols that the mesh carries and tells which version answered.
package client

import (
	"cmp"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"heddle.dev/workload/internal/echo"
	"heddle.dev/workload/internal/serve"
)

// Protocol is how requests are sent.
type Protocol string

// The protocols. HTTPS and H2 do not verify the server's certificate: they stand for an app's own TLS.
const (
	HTTP1      Protocol = "http1"
	H2C        Protocol = "h2c"
	HTTPS      Protocol = "https"
	H2         Protocol = "h2"
	GRPC       Protocol = "grpc"
	GRPCStream Protocol = "grpc-stream"
)

// Result is the outcome of one request that was answered.
type Result struct {
	// Version that answered; empty if the answer does not say.
	Version string
	// Status is the HTTP status, or 200 for gRPC.
	Status int
	// Retries is how many times Go's HTTP client sent the request again by itself, as it may when a kept connection closes
	// under it.
	Retries int
}

// OK is whether the answer is a success.
func (r Result) OK() bool { return r.Status >= 200 && r.Status < 400 }

// Client sends requests over one connection (HTTP/1.1: over as many as requests are in flight).
type Client interface {
	Do(ctx context.Context) (Result, error)
	Close() error
}

// Target is what to call.
type Target struct {
	// URL for HTTP; for gRPC its host and port are used.
	URL string `json:"target"`
	// Protocol, by default HTTP1.
	Protocol Protocol `json:"protocol"`
	// Method of HTTP, by default GET.
	Method string `json:"method"`
	// Headers to send with each request; to gRPC they are metadata.
	Headers map[string]string `json:"headers"`
	// NewConnections opens one for every request.
	NewConnections bool `json:"newConnections"`
}

// New opens nothing yet: the first request connects.
func New(target Target) (Client, error) {
	parsed, err := url.Parse(target.URL)
	if err != nil {
		return nil, fmt.Errorf("target: %w", err)
	}
	if parsed.Host == "" {
		return nil, fmt.Errorf("target: %s (expected: a URL with a host)", target.URL)
	}
	protocols := new(http.Protocols)
	switch target.Protocol {
	case GRPC, GRPCStream:
		return newGRPC(target, parsed.Host)
	case "", HTTP1, HTTPS:
		protocols.SetHTTP1(true)
	case H2C:
		protocols.SetUnencryptedHTTP2(true)
	case H2:
		protocols.SetHTTP2(true)
	default:
		return nil, fmt.Errorf("protocol: %s (expected: http1, h2c, https, h2, grpc or grpc-stream)", target.Protocol)
	}
	return &httpClient{target, &http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			Protocols:           protocols,
			TLSClientConfig:     &tls.Config{InsecureSkipVerify: true},
			DisableKeepAlives:   target.NewConnections,
			MaxIdleConnsPerHost: 1024,
			IdleConnTimeout:     time.Minute,
		},
	}}, nil
}

type httpClient struct {
	target Target
	http   *http.Client
}

func (c *httpClient) Do(ctx context.Context) (Result, error) {
	connections := 0
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { connections++ }})
	request, err := http.NewRequestWithContext(ctx, cmp.Or(c.target.Method, http.MethodGet), c.target.URL, nil)
	if err != nil {
		return Result{}, err
	}
	for name, value := range c.target.Headers {
		request.Header.Set(name, value)
		if http.CanonicalHeaderKey(name) == "Host" {
			request.Host = value
		}
	}
	response, err := c.http.Do(request)
	if err != nil {
		return Result{}, err
	}
	defer response.Body.Close()
	if _, err := io.Copy(io.Discard, response.Body); err != nil {
		return Result{}, fmt.Errorf("body after status %d: %w", response.StatusCode, err)
	}
	return Result{response.Header.Get(serve.VersionHeader), response.StatusCode, max(connections-1, 0)}, nil
}

func (c *httpClient) Close() error {
	c.http.CloseIdleConnections()
	return nil
}

type grpcClient struct {
	target     Target
	address    string
	connection *grpc.ClientConn
}

func newGRPC(target Target, address string) (Client, error) {
	c := &grpcClient{target: target, address: address}
	if !target.NewConnections {
		connection, err := c.dial()
		if err != nil {
			return nil, err
		}
		c.connection = connection
	}
	return c, nil
}

func (c *grpcClient) dial() (*grpc.ClientConn, error) {
	return grpc.NewClient("passthrough:///"+c.address, grpc.WithTransportCredentials(insecure.NewCredentials()))
}

func (c *grpcClient) Do(ctx context.Context) (Result, error) {
	connection := c.connection
	if connection == nil {
		fresh, err := c.dial()
		if err != nil {
			return Result{}, err
		}
		defer fresh.Close()
		connection = fresh
	}
	for name, value := range c.target.Headers {
		ctx = metadata.AppendToOutgoingContext(ctx, name, value)
	}
	if c.target.Protocol == GRPCStream {
		return stream(ctx, connection)
	}
	response := new(wrapperspb.StringValue)
	if err := connection.Invoke(ctx, echo.UnaryMethod, wrapperspb.String("ping"), response); err != nil {
		return Result{}, err
	}
	version, _ := echo.Split(response.GetValue())
	return Result{Version: version, Status: http.StatusOK}, nil
}

func stream(ctx context.Context, connection *grpc.ClientConn) (Result, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stream, err := connection.NewStream(ctx, &grpc.StreamDesc{ServerStreams: true}, echo.StreamMethod)
	if err != nil {
		return Result{}, err
	}
	if err := stream.SendMsg(wrapperspb.String("ping")); err != nil {
		return Result{}, err
	}
	if err := stream.CloseSend(); err != nil {
		return Result{}, err
	}
	version := ""
	for received := 0; ; received++ {
		message := new(wrapperspb.StringValue)
		switch err := stream.RecvMsg(message); {
		case err == io.EOF && received == echo.StreamLength:
			return Result{Version: version, Status: http.StatusOK}, nil
		case err == io.EOF:
			return Result{}, fmt.Errorf("stream ended after %d messages (expected: %d)", received, echo.StreamLength)
		case err != nil:
			return Result{}, err
		}
		version, _ = echo.Split(message.GetValue())
	}
}

func (c *grpcClient) Close() error {
	if c.connection == nil {
		return nil
	}
	return c.connection.Close()
}
