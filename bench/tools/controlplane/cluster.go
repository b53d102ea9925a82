package controlplane

import (
	"context"
	"fmt"
	"slices"
)

const (
	namespaces = 10
	nodes      = 20
	zones      = 3
	port       = 8080

	// alwaysFull services have all their endpoints from the beginning, so that what is measured of them stays the same while the rest
	// of the cluster grows.
	alwaysFull    = 100
	fullEndpoints = 10

	targetsOfService = 2
	coreV1           = "/api/v1"
	discoveryV1      = "/apis/discovery.k8s.io/v1"
	splitV1alpha4    = "/apis/split.smi-spec.io/v1alpha4"
	specsV1alpha4    = "/apis/specs.smi-spec.io/v1alpha4"
	accessV1alpha3   = "/apis/access.smi-spec.io/v1alpha3"
	routeGroup       = "routes"
)

// cluster is what has been written to the API server. Each service has an account, endpoints that are pods of the mesh, and targets that
// say who may call it; each second one is the root of a split between itself and its successor.
type cluster struct {
	api       *apiServer
	addresses []string // of the services
	endpoints int      // of each service that is not always full
}

func newCluster(api *apiServer) *cluster {
	return &cluster{api: api, endpoints: 1}
}

// serviceName is by number; a service and its successor are of one namespace.
func serviceName(service int) string { return fmt.Sprintf("service-%d", service) }

func namespaceOf(service int) string { return fmt.Sprintf("shop-%d", service/2%namespaces) }

func podName(service, endpoint int) string { return fmt.Sprintf("service-%d-%d", service, endpoint) }

func nodeName(pod int) string { return fmt.Sprintf("node-%d", pod%nodes) }

func zoneOf(pod int) string { return fmt.Sprintf("zone-%d", pod%nodes%zones) }

func (c *cluster) endpointsOf(service int) int {
	if service < alwaysFull {
		return fullEndpoints
	}
	return c.endpoints
}

func (c *cluster) addNamespaces(ctx context.Context) error {
	err := each(ctx, 0, nodes, writers, func(ctx context.Context, i int) error {
		labels := object{"topology.kubernetes.io/region": "region", "topology.kubernetes.io/zone": zoneOf(i)}
		return c.api.create(ctx, coreV1+"/nodes", named("v1", "Node", object{"name": nodeName(i), "labels": labels}), nil)
	})
	if err != nil {
		return err
	}
	return each(ctx, 0, namespaces, writers, func(ctx context.Context, i int) error {
		namespace := fmt.Sprintf("shop-%d", i)
		if err := c.api.create(ctx, coreV1+"/namespaces", named("v1", "Namespace", object{"name": namespace}), nil); err != nil {
			return err
		}
		group := named("specs.smi-spec.io/v1alpha4", "HTTPRouteGroup", object{"name": routeGroup})
		group["spec"] = object{"matches": []any{
			object{"name": "reads", "pathRegex": "/api/.*", "methods": []any{"GET", "HEAD"}},
			object{"name": "writes", "pathRegex": "/api/.*", "methods": []any{"POST", "PUT"}},
		}}
		return c.api.create(ctx, specsV1alpha4+"/namespaces/"+namespace+"/httproutegroups", group, nil)
	})
}

// growServices adds services, with all that belongs to them, until there are so many.
func (c *cluster) growServices(ctx context.Context, count int) error {
	before := len(c.addresses)
	c.addresses = append(c.addresses, make([]string, max(0, count-before))...)
	if err := each(ctx, before, count, writers, c.addService); err != nil {
		return err
	}
	return each(ctx, before/2, count/2, writers, c.addSplit)
}

func (c *cluster) addService(ctx context.Context, i int) error {
	namespaced := coreV1 + "/namespaces/" + namespaceOf(i)
	account := named("v1", "ServiceAccount", object{"name": serviceName(i)})
	if err := c.api.create(ctx, namespaced+"/serviceaccounts", account, nil); err != nil {
		return err
	}
	service := named("v1", "Service", object{"name": serviceName(i)})
	service["spec"] = object{"ports": []any{object{"name": "http", "port": port, "targetPort": port}}}
	var created struct {
		Spec struct {
			ClusterIP string `json:"clusterIP"`
		} `json:"spec"`
	}
	if err := c.api.create(ctx, namespaced+"/services", service, &created); err != nil {
		return err
	}
	c.addresses[i] = created.Spec.ClusterIP
	for j := range c.endpointsOf(i) {
		if err := c.addPod(ctx, i, j); err != nil {
			return err
		}
	}
	slice := named("discovery.k8s.io/v1", "EndpointSlice",
		object{"name": serviceName(i), "labels": object{"kubernetes.io/service-name": serviceName(i)}})
	slice["addressType"] = "IPv4"
	slice["ports"] = []any{object{"name": "http", "port": port, "protocol": "TCP"}}
	slice["endpoints"] = endpoints(i, c.endpointsOf(i))
	if err := c.api.create(ctx, discoveryV1+"/namespaces/"+namespaceOf(i)+"/endpointslices", slice, nil); err != nil {
		return err
	}
	for j := range targetsOfService {
		if err := c.addTarget(ctx, i, j); err != nil {
			return err
		}
	}
	return nil
}

func (c *cluster) addPod(ctx context.Context, service, endpoint int) error {
	name := serviceName(service)
	pod := named("v1", "Pod", object{
		"name": podName(service, endpoint), "labels": object{"app": name, "version": "v1"},
		"annotations": object{"heddle.dev/injected": "heddle-proxy"},
	})
	pod["spec"] = object{
		"serviceAccountName": name, "nodeName": nodeName(service + endpoint), "automountServiceAccountToken": false,
		"containers": []any{object{
			"name": "app", "image": "app",
			"readinessProbe": object{"httpGet": object{"path": "/ready", "port": port}},
		}},
	}
	return c.api.create(ctx, coreV1+"/namespaces/"+namespaceOf(service)+"/pods", pod, nil)
}

// addTarget lets two other services call one: its target number 0 may read, number 1 write.
func (c *cluster) addTarget(ctx context.Context, service, number int) error {
	account := func(of int) object {
		return object{"kind": "ServiceAccount", "name": serviceName(of), "namespace": namespaceOf(of)}
	}
	matches := []string{"reads", "writes"}
	target := named("access.smi-spec.io/v1alpha3", "TrafficTarget", object{"name": fmt.Sprintf("%s-%s", serviceName(service), matches[number])})
	target["spec"] = object{
		"destination": account(service),
		"sources":     []any{account(service + 2*number + 1), account(service + 2*number + 2)},
		"rules":       []any{object{"kind": "HTTPRouteGroup", "name": routeGroup, "matches": []any{matches[number]}}},
	}
	return c.api.create(ctx, accessV1alpha3+"/namespaces/"+namespaceOf(service)+"/traffictargets", target, nil)
}

func (c *cluster) addSplit(ctx context.Context, number int) error {
	root := 2 * number
	split := named("split.smi-spec.io/v1alpha4", "TrafficSplit", object{"name": serviceName(root)})
	split["spec"] = object{"service": serviceName(root), "backends": backends(root, 1)}
	return c.api.create(ctx, splitV1alpha4+"/namespaces/"+namespaceOf(root)+"/trafficsplits", split, nil)
}

// growEndpoints gives every service so many, but those that have all.
func (c *cluster) growEndpoints(ctx context.Context, count int) error {
	before := c.endpoints
	c.endpoints = count
	return each(ctx, alwaysFull, len(c.addresses), writers, func(ctx context.Context, i int) error {
		for j := before; j < count; j++ {
			if err := c.addPod(ctx, i, j); err != nil {
				return err
			}
		}
		return c.api.patch(ctx, slicePath(i), object{"endpoints": endpoints(i, count)})
	})
}

// writeSplit makes the weight of the root itself tell a sequence number.
func (c *cluster) writeSplit(ctx context.Context, root int, sequence uint32) error {
	path := splitV1alpha4 + "/namespaces/" + namespaceOf(root) + "/trafficsplits/" + serviceName(root)
	return c.api.patch(ctx, path, object{"spec": object{"backends": backends(root, sequence)}})
}

// writeSlice makes the address of the first endpoint tell a sequence number, as a pod that is replaced gets another one.
func (c *cluster) writeSlice(ctx context.Context, service int, sequence uint32) error {
	changed := endpoints(service, c.endpointsOf(service))
	changed[0].(object)["addresses"] = []any{sequenceAddress(sequence)}
	return c.api.patch(ctx, slicePath(service), object{"endpoints": changed})
}

func slicePath(service int) string {
	return discoveryV1 + "/namespaces/" + namespaceOf(service) + "/endpointslices/" + serviceName(service)
}

func backends(root int, sequence uint32) []any {
	return []any{object{"service": serviceName(root), "weight": sequence}, object{"service": serviceName(root + 1), "weight": 1}}
}

func endpoints(service, count int) []any {
	made := make([]any, count)
	for j := range made {
		made[j] = object{
			"addresses":  []any{fmt.Sprintf("10.%d.%d.%d", 64+j, service>>8&255, service&255)},
			"conditions": object{"ready": true, "serving": true, "terminating": false},
			"nodeName":   nodeName(service + j), "zone": zoneOf(service + j),
			"targetRef": object{"kind": "Pod", "name": podName(service, j), "namespace": namespaceOf(service)},
		}
	}
	return made
}

func named(apiVersion, kind string, metadata object) object {
	return object{"apiVersion": apiVersion, "kind": kind, "metadata": metadata}
}

// servicesUsedBy says what a proxy talks to: the root of the one split that all use, and two other roots. The first proxies use the
// services that are always full, the others the others, so that as many proxies are concerned by a measured change however many there are.
func servicesUsedBy(proxy, services int) []int {
	first, roots := 1, alwaysFull/2-1
	if proxy >= firstProxies {
		first, roots = alwaysFull/2, services/2-alwaysFull/2
	}
	used := []int{0, 2 * (first + proxy%roots), 2 * (first + (7*proxy+3)%roots)}
	slices.Sort(used)
	return slices.Compact(used)
}
