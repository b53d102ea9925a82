package cluster

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"heddle.dev/localcluster/internal/component"
	"heddle.dev/localcluster/internal/kube"
	"heddle.dev/localcluster/internal/layout"
	"heddle.dev/localcluster/internal/network"
)

const dnsTimeout = 300 * time.Millisecond

// readiness asks a cluster, through its own API and DNS, whether it can be used.
type readiness struct {
	layout layout.Layout
	plan   network.Plan
	client *kube.Client
}

func newReadiness(l layout.Layout, plan network.Plan) *readiness {
	return &readiness{layout: l, plan: plan}
}

func (r *readiness) all(ctx context.Context) error {
	for _, condition := range []func(context.Context) error{r.apiServer, r.node, r.dns} {
		if err := condition(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (r *readiness) apiServer(ctx context.Context) error {
	if r.client == nil {
		client, err := r.connect()
		if err != nil {
			return err
		}
		r.client = client
	}
	_, err := r.client.Get(ctx, "/readyz")
	return err
}

func (r *readiness) node(ctx context.Context) error { return r.client.NodeReady(ctx, r.layout.Node()) }

func (r *readiness) serviceAccount(ctx context.Context) error {
	for _, path := range []string{"/serviceaccounts/default", "/configmaps/kube-root-ca.crt"} {
		if _, err := r.client.Get(ctx, "/api/v1/namespaces/default"+path); err != nil {
			return err
		}
	}
	return nil
}

func (r *readiness) createObjects(ctx context.Context) error {
	for _, wanted := range component.Objects(r.plan) {
		if err := r.client.Create(ctx, wanted.Collection, wanted.JSON); err != nil {
			return err
		}
	}
	return nil
}

// dns asks through the Service, so that kube-proxy and CoreDNS are both known to work.
func (r *readiness) dns(ctx context.Context) error {
	server := net.JoinHostPort(r.plan.DNS.String(), "53")
	resolver := net.Resolver{PreferGo: true, Dial: func(ctx context.Context, kind, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, kind, server)
	}}
	const name = "kubernetes.default.svc.cluster.local."
	// A question asked before kube-proxy is ready gets lost; ask again soon.
	ctx, cancel := context.WithTimeout(ctx, dnsTimeout)
	defer cancel()
	addresses, err := resolver.LookupHost(ctx, name)
	if err != nil {
		return err
	}
	if len(addresses) != 1 || addresses[0] != r.plan.API.String() {
		return fmt.Errorf("%s: %v (expected: %s)", name, addresses, r.plan.API)
	}
	return nil
}

func (r *readiness) connect() (*kube.Client, error) {
	credentials, err := component.AdminCredentials(r.layout)
	if err != nil {
		return nil, errors.Join(errors.New("administrator's credentials"), err)
	}
	server := component.Inputs{Layout: r.layout, Plan: r.plan}.APIServer()
	return kube.NewClient(server, credentials.Authority, credentials.Certificate, credentials.Key)
}
