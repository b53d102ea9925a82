// Package smisdk decodes what Heddle answers with the types of the SMI SDK, which nobody here wrote.
package smisdk

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/servicemeshinterface/smi-sdk-go/pkg/apis/metrics/v1alpha1"
	"github.com/servicemeshinterface/smi-sdk-go/pkg/apis/metrics/v1alpha2"
	"k8s.io/apimachinery/pkg/api/resource"
)

const answers = "../../smi-adapter/src/test/resources/aggregated"

func decode(t *testing.T, name string, into any) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(answers, name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, into); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}

func seconds(t *testing.T, value *resource.Quantity) float64 {
	t.Helper()
	if value == nil {
		t.Fatal("a metric without a value")
	}
	return float64(value.ScaledValue(resource.Micro)) / 1e6
}

func TestAnObjectOfTheFirstVersion(t *testing.T) {
	var object v1alpha1.TrafficMetrics
	decode(t, "deployment", &object)

	if object.Kind != "TrafficMetrics" || object.APIVersion != "metrics.smi-spec.io/v1alpha1" {
		t.Errorf("type: %s %s", object.Kind, object.APIVersion)
	}
	if object.Resource == nil || object.Resource.Kind != "Deployment" || object.Resource.Namespace != "shop" || object.Resource.Name != "web-v1" {
		t.Errorf("resource: %v", object.Resource)
	}
	if object.Edge == nil || object.Edge.Direction != v1alpha1.From {
		t.Errorf("edge: %v", object.Edge)
	}
	if object.Interval == nil || object.Window.Duration != 30*time.Second || object.Timestamp.UTC().Format(time.RFC3339) != "2026-11-21T18:00:00Z" {
		t.Errorf("interval: %v", object.Interval)
	}
	for _, known := range v1alpha1.AvailableMetrics {
		if object.Get(known.Name) == nil {
			t.Errorf("%s is missing", known.Name)
		}
	}
	if got := object.Get("success_count").Value.Value(); got != 267 {
		t.Errorf("success_count: %d", got)
	}
	if got := object.Get("failure_count").Value.Value(); got != 3 {
		t.Errorf("failure_count: %d", got)
	}
	// The latencies are 1.2 ms to 25.41 ms in equal steps.
	for name, want := range map[string]float64{"p50_response_latency": 0.01326, "p90_response_latency": 0.02298, "p99_response_latency": 0.02523} {
		if got := seconds(t, object.Get(name).Value); got < want*0.98 || got > want*1.02 {
			t.Errorf("%s: %f s, want %f", name, got, want)
		}
		if unit := object.Get(name).Unit; unit != "seconds" {
			t.Errorf("unit of %s: %s", name, unit)
		}
	}
}

func TestListsOfTheFirstVersion(t *testing.T) {
	for _, name := range []string{"namespaces", "nodes", "pods", "deployments", "replicasets", "services", "deployment-edges", "service-edges", "namespace-edges"} {
		var list v1alpha1.TrafficMetricsList
		decode(t, name, &list)
		if list.Kind != "TrafficMetricsList" || list.Resource == nil || len(list.Items) == 0 {
			t.Errorf("%s: %v", name, list)
		}
		for _, item := range list.Items {
			if item.Resource == nil || item.Resource.Name == "" || item.Edge == nil || item.Interval == nil || len(item.Metrics) != 5 {
				t.Errorf("%s: %v", name, item)
			}
		}
	}
}

func TestAListWithoutItems(t *testing.T) {
	var list v1alpha1.TrafficMetricsList
	decode(t, "statefulsets", &list)
	if list.Items == nil || len(list.Items) != 0 {
		t.Errorf("items: %v", list.Items)
	}
}

func TestTheBackendsOfASplit(t *testing.T) {
	var list v1alpha2.TrafficMetricsList
	decode(t, "trafficsplit", &list)
	if len(list.Items) != 2 {
		t.Fatalf("items: %v", list.Items)
	}
	want := []v1alpha2.Backend{{Apex: "web", Name: "web-v1", Weight: 90}, {Apex: "web", Name: "web-v2", Weight: 10}}
	for i, item := range list.Items {
		if item.Backend == nil || *item.Backend != want[i] {
			t.Errorf("backend: %v, want %v", item.Backend, want[i])
		}
		if item.Edge == nil || item.Edge.Side != v1alpha2.Client || item.Edge.Direction != v1alpha2.From {
			t.Errorf("edge: %v", item.Edge)
		}
	}
}

func TestEdgesOfTheSecondVersion(t *testing.T) {
	var list v1alpha2.TrafficMetricsList
	decode(t, "pod-edges", &list)
	sides := map[v1alpha2.Side]int{}
	for _, item := range list.Items {
		sides[item.Edge.Side]++
	}
	if sides[v1alpha2.Client] != 1 || sides[v1alpha2.Server] != 1 {
		t.Errorf("sides: %v", sides)
	}
}
