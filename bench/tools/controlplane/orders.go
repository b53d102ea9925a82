package controlplane

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/envoyproxy/go-control-plane/pkg/resource/v3"
)

const (
	// firstProxies use the services that are measured while the cluster grows.
	firstProxies = 100
	// slowest is how long proxies may take to acknowledge a write.
	slowest = 30 * time.Second
	// firstSequence is above every weight and address that means nothing.
	firstSequence = 2
)

// growProxies connects more of them, until there are so many and all have what they asked for. Proxy number i is the first pod of service i.
func (f *fleet) growProxies(ctx context.Context, count int) error {
	before := len(f.proxies)
	if services := len(f.cluster.addresses); count > services {
		return fmt.Errorf("proxies: %d (expected: at most %d, one for each service)", count, services)
	}
	added := make([]*proxy, max(0, count-before))
	err := each(ctx, before, count, signings, func(ctx context.Context, i int) error {
		transport, err := f.identities.of(ctx, i)
		if err != nil {
			return err
		}
		node := namespaceOf(i) + "/" + podName(i, 0)
		listeners := []string{"inbound/" + node}
		for _, service := range servicesUsedBy(i, len(f.cluster.addresses)) {
			listeners = append(listeners, fmt.Sprintf("outbound/%s:%d", f.cluster.addresses[service], port))
		}
		added[i-before] = newProxy(i, node, f.adapter, transport, f.ledger, listeners)
		return added[i-before].connect(0)
	})
	if err != nil {
		return err
	}
	f.proxies = append(f.proxies, added...)
	return f.awaitServed(ctx, added)
}

// reconnect ends all connections, and opens them all again at once.
func (f *fleet) reconnect(ctx context.Context) error {
	for _, proxy := range f.proxies {
		proxy.disconnect()
	}
	for _, proxy := range f.proxies {
		if err := proxy.connect(1); err != nil {
			return err
		}
	}
	return f.awaitServed(ctx, f.proxies)
}

func (f *fleet) awaitServed(ctx context.Context, proxies []*proxy) error {
	for _, proxy := range proxies {
		if err := proxy.await(ctx); err != nil {
			return err
		}
	}
	return nil
}

// subject is an object that can be written, and the resource by which proxies hear of it. Its writes go out one after another, in the order
// of what they tell: else the last to arrive might be an earlier one, and the later one never be seen.
type subject struct {
	write   func(ctx context.Context, sequence uint32) error
	what    reference
	writing sync.Mutex
}

func (f *fleet) splitsWritten(popular bool) []*subject {
	var subjects []*subject
	for root := 2; root < alwaysFull; root += 2 {
		subjects = append(subjects, f.split(root))
	}
	if popular {
		return []*subject{f.split(0)}
	}
	return subjects
}

func (f *fleet) split(root int) *subject {
	return &subject{
		write: func(ctx context.Context, sequence uint32) error { return f.cluster.writeSplit(ctx, root, sequence) },
		what:  reference{resource.RouteType, resourceName(root)},
	}
}

func (f *fleet) slicesWritten() []*subject {
	var subjects []*subject
	for service := 2; service < alwaysFull; service++ {
		subjects = append(subjects, &subject{
			write: func(ctx context.Context, sequence uint32) error { return f.cluster.writeSlice(ctx, service, sequence) },
			what:  reference{resource.EndpointType, resourceName(service)},
		})
	}
	return subjects
}

// resourceName is that of route, cluster and endpoints of a service.
func resourceName(service int) string {
	return fmt.Sprintf("outbound/%s/%s:%d", namespaceOf(service), serviceName(service), port)
}

// write writes the subjects in turn at a rate, whether or not earlier writes have been acknowledged, and tells how long each took to be.
func (f *fleet) write(ctx context.Context, order Order, subjects []*subject) (Outcome, error) {
	if order.Count < 1 || order.Rate <= 0 {
		return Outcome{}, fmt.Errorf("count %d, rate %g (expected: both above 0)", order.Count, order.Rate)
	}
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	outcome := Outcome{Milliseconds: make([]float64, order.Count), Concerned: make([]int, order.Count)}
	pause := time.NewTicker(time.Duration(float64(time.Second) / order.Rate))
	defer pause.Stop()
	var running sync.WaitGroup
	for i := 0; i < order.Count && ctx.Err() == nil; i++ {
		written := subjects[i%len(subjects)]
		running.Go(func() {
			took, concerned, err := f.acknowledge(ctx, written)
			if err != nil {
				stop(err)
			}
			outcome.Milliseconds[i], outcome.Concerned[i] = float64(took.Microseconds())/1000, concerned
		})
		select {
		case <-pause.C:
		case <-ctx.Done():
		}
	}
	running.Wait()
	if err := context.Cause(ctx); err != nil {
		return Outcome{}, err
	}
	for _, proxy := range f.proxies {
		if err := proxy.check(); err != nil {
			return Outcome{}, err
		}
	}
	return outcome, nil
}

// acknowledge writes once, and tells how long it took until the last proxy concerned had acknowledged what came of it. What waits for an
// earlier write counts from when it was due.
func (f *fleet) acknowledge(ctx context.Context, written *subject) (time.Duration, int, error) {
	begin := time.Now()
	expected, err := f.send(ctx, written)
	if err != nil {
		return 0, 0, err
	}
	select {
	case last := <-expected.done:
		return last.Sub(begin), expected.concerned, nil
	case <-time.After(slowest):
		return 0, 0, fmt.Errorf("%s: not acknowledged within %s by all of %d proxies", written.what.name, slowest, expected.concerned)
	case <-ctx.Done():
		return 0, 0, context.Cause(ctx)
	}
}

func (f *fleet) send(ctx context.Context, written *subject) (*writing, error) {
	written.writing.Lock()
	defer written.writing.Unlock()
	sequence := firstSequence + f.sequence.Add(1)
	expected := f.ledger.expect(written.what, sequence)
	if expected.concerned == 0 {
		return nil, fmt.Errorf("%s: no proxy has subscribed to it", written.what.name)
	}
	return expected, written.write(ctx, sequence)
}
