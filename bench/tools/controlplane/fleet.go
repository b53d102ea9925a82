// Package controlplane writes a cluster of any size to an API server, and is the proxies that follow a control plane of it: each with a
// connection, a certificate and subscriptions of its own.
package controlplane

import (
	"bufio"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"sync/atomic"
	"time"
)

// Settings say where everything is.
type Settings struct {
	API, Token, APIRoot           string // URL, bearer token and PEM file of the API server
	CertificateAuthority, Adapter string // host and port
	TrustAnchors                  string // PEM file
	MeshNamespace, TrustDomain    string
}

// Order is one line on standard input. Do names it; the others count where it says so.
type Order struct {
	Do      string  `json:"do"`
	Count   int     `json:"count"`
	Rate    float64 `json:"rate"`    // in a second
	Popular bool    `json:"popular"` // the split that every proxy uses, instead of those that a few use
}

// Outcome is the line that answers it.
type Outcome struct {
	Seconds      float64   `json:"seconds"`
	Milliseconds []float64 `json:"milliseconds,omitempty"` // by write: to the acknowledgement of the last proxy concerned
	Concerned    []int     `json:"concerned,omitempty"`    // by write: how many proxies that were
	Resources    int64     `json:"resources"`              // that came meanwhile, over all proxies
}

// longest bounds each order.
const longest = 10 * time.Minute

// Run obeys the orders on standard input until there are no more.
func Run(ctx context.Context, arguments []string) error {
	var settings Settings
	flags := flag.NewFlagSet("control-plane", flag.ContinueOnError)
	flags.StringVar(&settings.API, "api", "", "URL of the API server")
	flags.StringVar(&settings.Token, "token", "", "bearer token for it")
	flags.StringVar(&settings.APIRoot, "api-root", "", "PEM file of what signed its certificate")
	flags.StringVar(&settings.CertificateAuthority, "ca", "", "host and port of the CA")
	flags.StringVar(&settings.Adapter, "adapter", "", "host and port of xDS")
	flags.StringVar(&settings.TrustAnchors, "trust-anchors", "", "PEM file of the mesh's trust anchors")
	flags.StringVar(&settings.MeshNamespace, "mesh-namespace", "heddle-system", "where CA and adapter run")
	flags.StringVar(&settings.TrustDomain, "trust-domain", "cluster.local", "of all identities")
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	fleet, err := newFleet(settings)
	if err != nil {
		return err
	}
	defer fleet.close()
	return fleet.obey(ctx, os.Stdin, os.Stdout)
}

// fleet is a cluster and the proxies in it.
type fleet struct {
	cluster    *cluster
	identities *identities
	adapter    string
	ledger     *ledger
	proxies    []*proxy
	sequence   atomic.Uint32 // of the last write; what is written tells it, so that a proxy's acknowledgement can be matched
}

func newFleet(settings Settings) (*fleet, error) {
	api, err := newAPIServer(settings.API, settings.Token, settings.APIRoot)
	if err != nil {
		return nil, err
	}
	identities, err := newIdentities(settings, api)
	if err != nil {
		return nil, err
	}
	return &fleet{cluster: newCluster(api), identities: identities, adapter: settings.Adapter, ledger: newLedger()}, nil
}

func (f *fleet) close() {
	for _, proxy := range f.proxies {
		proxy.disconnect()
	}
	f.identities.close()
}

func (f *fleet) obey(ctx context.Context, from io.Reader, to io.Writer) error {
	lines, answers := bufio.NewScanner(from), json.NewEncoder(to)
	for lines.Scan() {
		var order Order
		if err := json.Unmarshal(lines.Bytes(), &order); err != nil {
			return fmt.Errorf("order: %s: %w", lines.Text(), err)
		}
		outcome, err := f.carryOut(ctx, order)
		if err != nil {
			return fmt.Errorf("%s: %w", lines.Text(), err)
		}
		if err := answers.Encode(outcome); err != nil {
			return err
		}
	}
	return lines.Err()
}

func (f *fleet) carryOut(ctx context.Context, order Order) (Outcome, error) {
	ctx, cancel := context.WithTimeout(ctx, longest)
	defer cancel()
	var outcome Outcome
	var err error
	begin, before := time.Now(), f.ledger.resources.Load()
	switch order.Do {
	case "namespaces":
		err = f.cluster.addNamespaces(ctx)
	case "services":
		err = f.cluster.growServices(ctx, order.Count)
	case "endpoints":
		err = f.cluster.growEndpoints(ctx, order.Count)
	case "proxies":
		err = f.growProxies(ctx, order.Count)
	case "reconnect":
		err = f.reconnect(ctx)
	case "splits":
		outcome, err = f.write(ctx, order, f.splitsWritten(order.Popular))
	case "slices":
		outcome, err = f.write(ctx, order, f.slicesWritten())
	default:
		err = fmt.Errorf("do: %q (expected: namespaces, services, endpoints, proxies, reconnect, splits or slices)", order.Do)
	}
	outcome.Seconds = time.Since(begin).Seconds()
	outcome.Resources = f.ledger.resources.Load() - before
	return outcome, err
}
