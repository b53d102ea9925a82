package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"strings"
	"time"

	cluster "github.com/envoyproxy/go-control-plane/envoy/config/cluster/v3"
	core "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	endpoint "github.com/envoyproxy/go-control-plane/envoy/config/endpoint/v3"
	listener "github.com/envoyproxy/go-control-plane/envoy/config/listener/v3"
	route "github.com/envoyproxy/go-control-plane/envoy/config/route/v3"
	router "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/router/v3"
	manager "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/network/http_connection_manager/v3"
	discovery "github.com/envoyproxy/go-control-plane/envoy/service/discovery/v3"
	"github.com/envoyproxy/go-control-plane/pkg/cache/types"
	"github.com/envoyproxy/go-control-plane/pkg/cache/v3"
	"github.com/envoyproxy/go-control-plane/pkg/resource/v3"
	"github.com/envoyproxy/go-control-plane/pkg/server/v3"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/durationpb"
)

const (
	// node is the one proxy that is served.
	node = "bench"
	// endpointsOfService is how many each service has that nobody uses.
	endpointsOfService = 3
	unusedPort         = 8080
)

// services is a control plane of a cluster that grows: go-control-plane's own server with as many services as the last line on standard
// input says. A proxy that asks for what it uses gets the used ones; one that asks for everything gets everything.
func services(ctx context.Context, arguments []string) error {
	flags := flag.NewFlagSet("services", flag.ContinueOnError)
	address := flags.String("address", "", "where to serve ADS, in plaintext")
	origin := flags.Uint("origin", 0, "local port of the endpoint of every used service")
	used := flags.String("used", "", "local ports, by comma, of the listeners: one for each service that is used")
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	var ports []uint32
	for _, text := range strings.Split(*used, ",") {
		port, err := strconv.ParseUint(text, 10, 16)
		if err != nil {
			return fmt.Errorf("used: %s (expected: ports, by comma)", *used)
		}
		ports = append(ports, uint32(port))
	}
	socket, err := net.Listen("tcp", *address)
	if err != nil {
		return err
	}
	snapshots := cache.NewSnapshotCache(true, cache.IDHash{}, nil)
	grpcServer := grpc.NewServer()
	discovery.RegisterAggregatedDiscoveryServiceServer(grpcServer, server.NewServer(ctx, snapshots, nil))
	failed := make(chan error, 1)
	go func() { failed <- grpcServer.Serve(socket) }()
	go func() { failed <- grow(ctx, snapshots, uint32(*origin), ports) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
		return nil
	}
}

// grow serves as many services as each line says, and then says so.
func grow(ctx context.Context, snapshots cache.SnapshotCache, origin uint32, used []uint32) error {
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		count, err := strconv.Atoi(lines.Text())
		if err != nil || count < len(used) {
			return fmt.Errorf("services: %q (expected: a number, at least %d)", lines.Text(), len(used))
		}
		snapshot, err := clusterOf(count, origin, used)
		if err != nil {
			return err
		}
		if err := snapshots.SetSnapshot(ctx, node, snapshot); err != nil {
			return err
		}
		fmt.Printf("serving %d\n", count)
	}
	return errors.Join(lines.Err(), io.EOF)
}

func clusterOf(count int, origin uint32, used []uint32) (*cache.Snapshot, error) {
	var clusters, assignments, listeners []types.Resource
	for i := range count {
		name := fmt.Sprintf("service-%d", i)
		endpoints := make([]*endpoint.LbEndpoint, 0, endpointsOfService)
		if i < len(used) {
			endpoints = append(endpoints, lbEndpoint("127.0.0.1", origin))
			made, err := listenerOf(name, used[i])
			if err != nil {
				return nil, err
			}
			listeners = append(listeners, made)
		} else {
			for j := range endpointsOfService {
				endpoints = append(endpoints, lbEndpoint(fmt.Sprintf("10.%d.%d.%d", i>>8&255, i&255, j+1), unusedPort))
			}
		}
		clusters = append(clusters, clusterNamed(name))
		assignments = append(assignments, &endpoint.ClusterLoadAssignment{
			ClusterName: name, Endpoints: []*endpoint.LocalityLbEndpoints{{LbEndpoints: endpoints}},
		})
	}
	return cache.NewSnapshot(strconv.Itoa(count), map[resource.Type][]types.Resource{
		resource.ClusterType: clusters, resource.EndpointType: assignments, resource.ListenerType: listeners,
	})
}

func clusterNamed(name string) *cluster.Cluster {
	return &cluster.Cluster{
		Name:                 name,
		ClusterDiscoveryType: &cluster.Cluster_Type{Type: cluster.Cluster_EDS},
		ConnectTimeout:       durationpb.New(5 * time.Second),
		LbPolicy:             cluster.Cluster_LEAST_REQUEST,
		EdsClusterConfig: &cluster.Cluster_EdsClusterConfig{EdsConfig: &core.ConfigSource{
			ResourceApiVersion: core.ApiVersion_V3, ConfigSourceSpecifier: &core.ConfigSource_Ads{Ads: &core.AggregatedConfigSource{}},
		}},
	}
}

func listenerOf(service string, port uint32) (*listener.Listener, error) {
	last, err := anypb.New(&router.Router{})
	if err != nil {
		return nil, err
	}
	http, err := packed(&manager.HttpConnectionManager{
		StatPrefix: service,
		RouteSpecifier: &manager.HttpConnectionManager_RouteConfig{RouteConfig: &route.RouteConfiguration{
			Name: service,
			VirtualHosts: []*route.VirtualHost{{Name: service, Domains: []string{"*"}, Routes: []*route.Route{{
				Match: &route.RouteMatch{PathSpecifier: &route.RouteMatch_Prefix{Prefix: "/"}},
				Action: &route.Route_Route{Route: &route.RouteAction{
					ClusterSpecifier: &route.RouteAction_Cluster{Cluster: service}, Timeout: durationpb.New(0),
				}},
			}}}},
		}},
		HttpFilters: []*manager.HttpFilter{{
			Name: "envoy.filters.http.router", ConfigType: &manager.HttpFilter_TypedConfig{TypedConfig: last},
		}},
	})
	if err != nil {
		return nil, err
	}
	return &listener.Listener{
		Name:             service,
		Address:          socketAddress("127.0.0.1", port),
		TrafficDirection: core.TrafficDirection_OUTBOUND,
		FilterChains: []*listener.FilterChain{{Filters: []*listener.Filter{{
			Name: "envoy.filters.network.http_connection_manager", ConfigType: &listener.Filter_TypedConfig{TypedConfig: http},
		}}}},
	}, nil
}

// packed is the same bytes each time, so that a listener that did not change has no new version.
func packed(message proto.Message) (*anypb.Any, error) {
	value := new(anypb.Any)
	return value, anypb.MarshalFrom(value, message, proto.MarshalOptions{Deterministic: true})
}

func lbEndpoint(address string, port uint32) *endpoint.LbEndpoint {
	return &endpoint.LbEndpoint{HostIdentifier: &endpoint.LbEndpoint_Endpoint{Endpoint: &endpoint.Endpoint{Address: socketAddress(address, port)}}}
}

func socketAddress(address string, port uint32) *core.Address {
	return &core.Address{Address: &core.Address_SocketAddress{SocketAddress: &core.SocketAddress{
		Address: address, PortSpecifier: &core.SocketAddress_PortValue{PortValue: port},
	}}}
}
