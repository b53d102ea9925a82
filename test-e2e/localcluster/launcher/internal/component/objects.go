package component

import (
	"encoding/json"
	"fmt"

	"heddle.dev/localcluster/internal/network"
)

// Object is one to be created in the cluster.
type Object struct {
	// Collection is the path to post to.
	Collection string
	JSON       []byte
}

type fields = map[string]any

// Objects are what a cluster needs beyond what the API server makes by itself: permissions of our two users, and the
// Service of DNS, which is a process of the node and not a pod.
func Objects(plan network.Plan) []Object {
	const rbac, core = "rbac.authorization.k8s.io", ""
	dnsLabels := fields{"k8s-app": "kube-dns", "kubernetes.io/cluster-service": "true"}
	ports := []fields{{"name": "dns", "protocol": "UDP", "port": 53}, {"name": "dns-tcp", "protocol": "TCP", "port": 53}}
	return []Object{
		object("/apis/rbac.authorization.k8s.io/v1/clusterroles", rbac+"/v1", "ClusterRole",
			fields{"name": DNSUser}, fields{"rules": []fields{
				{"apiGroups": []string{core}, "resources": []string{"services", "pods", "namespaces"}, "verbs": []string{"list", "watch"}},
				{"apiGroups": []string{"discovery.k8s.io"}, "resources": []string{"endpointslices"}, "verbs": []string{"list", "watch"}},
			}}),
		binding(DNSUser, DNSUser),
		binding(KubeletClientUser, "system:kubelet-api-admin"),
		object("/api/v1/namespaces/kube-system/services", "v1", "Service",
			fields{"name": "kube-dns", "labels": dnsLabels},
			fields{"spec": fields{"clusterIP": plan.DNS.String(), "ports": ports}}),
		object("/apis/discovery.k8s.io/v1/namespaces/kube-system/endpointslices", "discovery.k8s.io/v1", "EndpointSlice",
			fields{"name": "kube-dns", "labels": fields{"kubernetes.io/service-name": "kube-dns"}},
			fields{"addressType": "IPv4", "ports": ports,
				"endpoints": []fields{{"addresses": []string{plan.Node.String()}, "conditions": fields{"ready": true}}}}),
	}
}

func binding(user, role string) Object {
	const group = "rbac.authorization.k8s.io"
	return object("/apis/rbac.authorization.k8s.io/v1/clusterrolebindings", group+"/v1", "ClusterRoleBinding",
		fields{"name": user}, fields{
			"roleRef":  fields{"apiGroup": group, "kind": "ClusterRole", "name": role},
			"subjects": []fields{{"apiGroup": group, "kind": "User", "name": user}},
		})
}

func object(collection, version, kind string, metadata, rest fields) Object {
	rest["apiVersion"], rest["kind"], rest["metadata"] = version, kind, metadata
	content, err := json.Marshal(rest)
	if err != nil {
		// Only strings, numbers and lists of them go in.
		panic(fmt.Sprintf("%s: %v", kind, err))
	}
	return Object{Collection: collection, JSON: content}
}
