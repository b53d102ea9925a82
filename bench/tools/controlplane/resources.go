package controlplane

import (
	"fmt"

	clusters "github.com/envoyproxy/go-control-plane/envoy/config/cluster/v3"
	endpoint "github.com/envoyproxy/go-control-plane/envoy/config/endpoint/v3"
	listener "github.com/envoyproxy/go-control-plane/envoy/config/listener/v3"
	route "github.com/envoyproxy/go-control-plane/envoy/config/route/v3"
	manager "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/network/http_connection_manager/v3"
	tcp "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/network/tcp_proxy/v3"
	discovery "github.com/envoyproxy/go-control-plane/envoy/service/discovery/v3"
	"github.com/envoyproxy/go-control-plane/pkg/resource/v3"
)

// types in the order in which a proxy asks for them anew.
var types = []string{resource.ClusterType, resource.EndpointType, resource.ListenerType, resource.RouteType}

// reference is a resource that another one names.
type reference struct{ typeURL, name string }

// meaning is what a proxy has to know of a resource here.
type meaning struct {
	references []reference
	sequence   uint32 // that a write of ours made it tell; 0 if none did
}

func (m *meaning) refer(typeURL, name string) {
	if name != "" {
		m.references = append(m.references, reference{typeURL, name})
	}
}

func meaningOf(typeURL string, held *discovery.Resource) (meaning, error) {
	var found meaning
	var err error
	switch typeURL {
	case resource.ListenerType:
		message := new(listener.Listener)
		if err = held.GetResource().UnmarshalTo(message); err == nil {
			err = found.addListener(message)
		}
	case resource.RouteType:
		message := new(route.RouteConfiguration)
		if err = held.GetResource().UnmarshalTo(message); err == nil {
			found.addRoutes(message)
		}
	case resource.ClusterType:
		message := new(clusters.Cluster)
		if err = held.GetResource().UnmarshalTo(message); err == nil && message.GetType() == clusters.Cluster_EDS {
			found.refer(resource.EndpointType, message.GetName())
		}
	case resource.EndpointType:
		message := new(endpoint.ClusterLoadAssignment)
		if err = held.GetResource().UnmarshalTo(message); err == nil {
			found.addEndpoints(message)
		}
	default:
		err = fmt.Errorf("type: %s (expected: one of %v)", typeURL, types)
	}
	if err != nil {
		return meaning{}, fmt.Errorf("%s %s: %w", typeURL, held.GetName(), err)
	}
	return found, nil
}

func (m *meaning) addListener(message *listener.Listener) error {
	chains := message.GetFilterChains()
	if message.GetDefaultFilterChain() != nil {
		chains = append(chains[:len(chains):len(chains)], message.GetDefaultFilterChain())
	}
	for _, chain := range chains {
		for _, filter := range chain.GetFilters() {
			if err := m.addFilter(filter); err != nil {
				return err
			}
		}
	}
	return nil
}

func (m *meaning) addFilter(filter *listener.Filter) error {
	configuration := filter.GetTypedConfig()
	switch {
	case configuration.MessageIs((*manager.HttpConnectionManager)(nil)):
		message := new(manager.HttpConnectionManager)
		if err := configuration.UnmarshalTo(message); err != nil {
			return err
		}
		m.refer(resource.RouteType, message.GetRds().GetRouteConfigName())
		if inline := message.GetRouteConfig(); inline != nil {
			m.addRoutes(inline)
		}
	case configuration.MessageIs((*tcp.TcpProxy)(nil)):
		message := new(tcp.TcpProxy)
		if err := configuration.UnmarshalTo(message); err != nil {
			return err
		}
		m.refer(resource.ClusterType, message.GetCluster())
		for _, weighted := range message.GetWeightedClusters().GetClusters() {
			m.refer(resource.ClusterType, weighted.GetName())
		}
	}
	return nil
}

func (m *meaning) addRoutes(message *route.RouteConfiguration) {
	for _, host := range message.GetVirtualHosts() {
		for _, route := range host.GetRoutes() {
			m.refer(resource.ClusterType, route.GetRoute().GetCluster())
			for _, weighted := range route.GetRoute().GetWeightedClusters().GetClusters() {
				m.refer(resource.ClusterType, weighted.GetName())
				// Of the two weights that we write, the greater is the sequence number.
				m.sequence = max(m.sequence, weighted.GetWeight().GetValue())
			}
		}
	}
}

func (m *meaning) addEndpoints(message *endpoint.ClusterLoadAssignment) {
	for _, locality := range message.GetEndpoints() {
		for _, each := range locality.GetLbEndpoints() {
			address := each.GetEndpoint().GetAddress().GetSocketAddress().GetAddress()
			m.sequence = max(m.sequence, addressSequence(address))
		}
	}
}
