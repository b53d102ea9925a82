package controlplane

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	core "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	discovery "github.com/envoyproxy/go-control-plane/envoy/service/discovery/v3"
	"github.com/envoyproxy/go-control-plane/pkg/resource/v3"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/keepalive"
)

const (
	keepAlive        = 30 * time.Second
	keepAliveTimeout = 10 * time.Second
	// bufferBytes of a connection in each direction: a thousand of them are in one process.
	bufferBytes = 8 << 10
	// absent is of addresses for documentation (RFC 5737), where no Service is: its answer tells that everything asked for before it has
	// been looked at.
	absent = "outbound/192.0.2.1:%d"
)

// proxy is a sidecar as the control plane sees it: one connection and one stream of delta ADS. It asks for its inbound listener and for the
// listeners of what its app calls, then for what these refer to, and remembers versions for the next stream.
type proxy struct {
	id          int
	node        string
	address     string
	credentials credentials.TransportCredentials
	ledger      *ledger

	lock     sync.Mutex
	versions map[string]map[string]string // by type and name; empty for a resource that has not come yet
	missing  int                          // resources that have not come yet
	probe    string                       // the last absent listener asked for
	served   chan struct{}                // closed once nothing is missing and the probe is answered
	answered bool

	connection *grpc.ClientConn
	cancel     context.CancelFunc
	failure    atomic.Pointer[error]
}

func newProxy(id int, node, address string, transport credentials.TransportCredentials, ledger *ledger, listeners []string) *proxy {
	p := &proxy{id: id, node: node, address: address, credentials: transport, ledger: ledger, versions: map[string]map[string]string{}}
	for _, typeURL := range types {
		p.versions[typeURL] = map[string]string{}
	}
	for _, name := range listeners {
		p.want(reference{resource.ListenerType, name})
	}
	return p
}

// want notes a resource to subscribe to; whether it is a new one.
func (p *proxy) want(what reference) bool {
	held := p.versions[what.typeURL]
	if _, known := held[what.name]; known {
		return false
	}
	held[what.name] = ""
	p.missing++
	p.ledger.subscribed(p.id, what)
	return true
}

// connect opens connection and stream, and says what is wanted and held.
func (p *proxy) connect(attempt int) error {
	connection, err := grpc.NewClient("passthrough:///"+p.address,
		grpc.WithTransportCredentials(p.credentials),
		grpc.WithKeepaliveParams(keepalive.ClientParameters{Time: keepAlive, Timeout: keepAliveTimeout}),
		grpc.WithReadBufferSize(bufferBytes), grpc.WithWriteBufferSize(bufferBytes), grpc.WithDisableRetry())
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(context.Background())
	p.lock.Lock()
	p.connection, p.cancel, p.served, p.answered = connection, cancel, make(chan struct{}), false
	p.probe = fmt.Sprintf(absent, 1+attempt)
	p.lock.Unlock()
	go func() {
		if err := p.follow(ctx, connection); err != nil && ctx.Err() == nil {
			p.failure.Store(&err)
		}
	}()
	return nil
}

func (p *proxy) disconnect() {
	p.cancel()
	p.connection.Close()
}

// await returns once the proxy has everything that it asked for.
func (p *proxy) await(ctx context.Context) error {
	p.lock.Lock()
	served := p.served
	p.lock.Unlock()
	for {
		select {
		case <-served:
			return nil
		case <-ctx.Done():
			p.lock.Lock()
			defer p.lock.Unlock()
			return fmt.Errorf("%s: %w: %d resources missing, probe answered: %t", p.node, ctx.Err(), p.missing, p.answered)
		case <-time.After(time.Second):
			if err := p.check(); err != nil {
				return err
			}
		}
	}
}

// check tells why the stream ended, if it did by itself.
func (p *proxy) check() error {
	if failure := p.failure.Load(); failure != nil {
		return fmt.Errorf("%s: %w", p.node, *failure)
	}
	return nil
}

func (p *proxy) follow(ctx context.Context, connection *grpc.ClientConn) error {
	stream, err := discovery.NewAggregatedDiscoveryServiceClient(connection).DeltaAggregatedResources(ctx, grpc.WaitForReady(true))
	if err != nil {
		return err
	}
	for _, request := range p.introduction() {
		if err := stream.Send(request); err != nil {
			return err
		}
	}
	for {
		response, err := stream.Recv()
		if err != nil {
			return err
		}
		if err := p.take(stream, response); err != nil {
			return err
		}
	}
}

// introduction is what the first requests of each type say.
func (p *proxy) introduction() []*discovery.DeltaDiscoveryRequest {
	p.lock.Lock()
	defer p.lock.Unlock()
	var requests []*discovery.DeltaDiscoveryRequest
	for _, typeURL := range types {
		request := &discovery.DeltaDiscoveryRequest{TypeUrl: typeURL, InitialResourceVersions: map[string]string{}}
		for name, version := range p.versions[typeURL] {
			request.ResourceNamesSubscribe = append(request.ResourceNamesSubscribe, name)
			if version != "" {
				request.InitialResourceVersions[name] = version
			}
		}
		if len(request.ResourceNamesSubscribe) > 0 {
			requests = append(requests, request)
		}
	}
	requests[0].Node = &core.Node{Id: p.node}
	// On its own and last, as a connection to an unknown destination would ask for it.
	return append(requests, &discovery.DeltaDiscoveryRequest{TypeUrl: resource.ListenerType, ResourceNamesSubscribe: []string{p.probe}})
}

// take holds what came, acknowledges it, and asks for what it refers to.
func (p *proxy) take(stream discovery.AggregatedDiscoveryService_DeltaAggregatedResourcesClient, response *discovery.DeltaDiscoveryResponse) error {
	p.ledger.resources.Add(int64(len(response.GetResources())))
	typeURL := response.GetTypeUrl()
	wanted := map[string][]string{}
	sequences := map[string]uint32{}
	p.lock.Lock()
	for _, came := range response.GetResources() {
		understood, err := meaningOf(typeURL, came)
		if err != nil {
			p.lock.Unlock()
			return err
		}
		before, known := p.versions[typeURL][came.GetName()]
		if !known {
			p.lock.Unlock()
			return fmt.Errorf("%s %s: came without having been asked for", typeURL, came.GetName())
		}
		if before == "" {
			p.missing--
		}
		p.versions[typeURL][came.GetName()] = came.GetVersion()
		for _, what := range understood.references {
			if p.want(what) {
				wanted[what.typeURL] = append(wanted[what.typeURL], what.name)
			}
		}
		if understood.sequence > 0 {
			sequences[came.GetName()] = understood.sequence
		}
	}
	for _, gone := range response.GetRemovedResources() {
		p.answered = p.answered || gone == p.probe
	}
	if p.missing == 0 && p.answered {
		p.tellServed()
	}
	p.lock.Unlock()
	if err := stream.Send(&discovery.DeltaDiscoveryRequest{TypeUrl: typeURL, ResponseNonce: response.GetNonce()}); err != nil {
		return err
	}
	for name, sequence := range sequences {
		p.ledger.acknowledged(p.id, reference{typeURL, name}, sequence)
	}
	var problems []error
	for _, typeURL := range types {
		if len(wanted[typeURL]) > 0 {
			problems = append(problems, stream.Send(&discovery.DeltaDiscoveryRequest{TypeUrl: typeURL, ResourceNamesSubscribe: wanted[typeURL]}))
		}
	}
	return errors.Join(problems...)
}

func (p *proxy) tellServed() {
	select {
	case <-p.served:
	default:
		close(p.served)
	}
}
