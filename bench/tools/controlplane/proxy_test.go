package controlplane

import (
	"context"
	"net"
	"slices"
	"testing"
	"time"

	clusters "github.com/envoyproxy/go-control-plane/envoy/config/cluster/v3"
	endpoint "github.com/envoyproxy/go-control-plane/envoy/config/endpoint/v3"
	listener "github.com/envoyproxy/go-control-plane/envoy/config/listener/v3"
	route "github.com/envoyproxy/go-control-plane/envoy/config/route/v3"
	manager "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/network/http_connection_manager/v3"
	discovery "github.com/envoyproxy/go-control-plane/envoy/service/discovery/v3"
	"github.com/envoyproxy/go-control-plane/pkg/resource/v3"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

const outbound, service = "outbound/10.96.0.1:8080", "outbound/shop-0/service-0:8080"

// scripted gives each resource that it has by version "1", unless the client says that it holds that.
type scripted struct {
	discovery.UnimplementedAggregatedDiscoveryServiceServer
	resources map[reference]proto.Message
	asked     chan *discovery.DeltaDiscoveryRequest
}

func (s *scripted) DeltaAggregatedResources(stream discovery.AggregatedDiscoveryService_DeltaAggregatedResourcesServer) error {
	for {
		request, err := stream.Recv()
		if err != nil {
			return err
		}
		s.asked <- request
		if len(request.GetResourceNamesSubscribe()) == 0 {
			continue
		}
		response := &discovery.DeltaDiscoveryResponse{TypeUrl: request.GetTypeUrl(), Nonce: "n"}
		for _, name := range request.GetResourceNamesSubscribe() {
			message, exists := s.resources[reference{request.GetTypeUrl(), name}]
			switch {
			case !exists:
				response.RemovedResources = append(response.RemovedResources, name)
			case request.GetInitialResourceVersions()[name] != "1":
				response.Resources = append(response.Resources, &discovery.Resource{Name: name, Version: "1", Resource: packed(message)})
			}
		}
		if len(response.GetResources())+len(response.GetRemovedResources()) > 0 {
			if err := stream.Send(response); err != nil {
				return err
			}
		}
	}
}

func packed(message proto.Message) *anypb.Any {
	value, err := anypb.New(message)
	if err != nil {
		panic(err)
	}
	return value
}

func serve(t *testing.T) (*scripted, string) {
	t.Helper()
	server := &scripted{asked: make(chan *discovery.DeltaDiscoveryRequest, 100), resources: map[reference]proto.Message{
		{resource.ListenerType, outbound}: &listener.Listener{FilterChains: []*listener.FilterChain{{Filters: []*listener.Filter{{
			ConfigType: &listener.Filter_TypedConfig{TypedConfig: packed(&manager.HttpConnectionManager{
				RouteSpecifier: &manager.HttpConnectionManager_Rds{Rds: &manager.Rds{RouteConfigName: service}},
			})},
		}}}}},
		{resource.RouteType, service}: &route.RouteConfiguration{VirtualHosts: []*route.VirtualHost{{Routes: []*route.Route{{
			Action: &route.Route_Route{Route: &route.RouteAction{ClusterSpecifier: &route.RouteAction_WeightedClusters{
				WeightedClusters: &route.WeightedCluster{Clusters: []*route.WeightedCluster_ClusterWeight{
					{Name: service, Weight: wrapperspb.UInt32(9)}, {Name: "other", Weight: wrapperspb.UInt32(1)},
				}},
			}}},
		}}}}},
		{resource.ClusterType, service}: &clusters.Cluster{
			Name: service, ClusterDiscoveryType: &clusters.Cluster_Type{Type: clusters.Cluster_EDS},
		},
		{resource.ClusterType, "other"}:  &clusters.Cluster{Name: "other"},
		{resource.EndpointType, service}: &endpoint.ClusterLoadAssignment{ClusterName: service},
	}}
	socket, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	grpcServer := grpc.NewServer()
	discovery.RegisterAggregatedDiscoveryServiceServer(grpcServer, server)
	go grpcServer.Serve(socket) // Ends with Stop.
	t.Cleanup(grpcServer.Stop)
	return server, socket.Addr().String()
}

func TestAProxyFollowsReferencesAndAsksForNothingAgainOnItsNextStream(t *testing.T) {
	server, address := serve(t)
	l := newLedger()
	p := newProxy(4, "shop-0/service-0-0", address, insecure.NewCredentials(), l, []string{outbound})
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()

	for attempt := range 2 {
		before := l.resources.Load()
		if err := p.connect(attempt); err != nil {
			t.Fatal(err)
		}
		if err := p.await(ctx); err != nil {
			t.Fatal(err)
		}
		if came, expected := l.resources.Load()-before, []int64{5, 0}[attempt]; came != expected {
			t.Errorf("stream %d: %d resources (expected: %d)", attempt, came, expected)
		}
		p.disconnect()
	}
	for what := range server.resources {
		if _, subscribed := l.subscribers[what][p.id]; !subscribed {
			t.Errorf("%s %s: not subscribed to", what.typeURL, what.name)
		}
	}
	var nodes []string
	for len(server.asked) > 0 {
		if id := (<-server.asked).GetNode().GetId(); id != "" {
			nodes = append(nodes, id)
		}
	}
	if expected := []string{p.node, p.node}; !slices.Equal(nodes, expected) {
		t.Errorf("nodes: %v (expected: %v, once on each stream)", nodes, expected)
	}
}

func TestARouteTellsTheSequenceThatWasWrittenAsAWeight(t *testing.T) {
	server, _ := serve(t)
	what := reference{resource.RouteType, service}
	found, err := meaningOf(what.typeURL, &discovery.Resource{Name: what.name, Resource: packed(server.resources[what])})
	if err != nil {
		t.Fatal(err)
	}
	if found.sequence != 9 {
		t.Errorf("sequence: %d (expected: 9)", found.sequence)
	}
}

func TestAResourceThatCannotBeReadIsNamed(t *testing.T) {
	_, err := meaningOf(resource.ClusterType, &discovery.Resource{Name: "odd", Resource: packed(wrapperspb.UInt32(1))})
	if err == nil {
		t.Error("a number was taken for a cluster")
	}
}
