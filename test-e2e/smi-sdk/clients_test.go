package smisdk

// The clients that SMI's own Go SDK generates talk to a cluster with a mesh: the wire shapes are those that Flagger and the adapters of
// other meshes send and expect.

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"testing"
	"time"

	access1 "github.com/servicemeshinterface/smi-sdk-go/pkg/apis/access/v1alpha1"
	access2 "github.com/servicemeshinterface/smi-sdk-go/pkg/apis/access/v1alpha2"
	access3 "github.com/servicemeshinterface/smi-sdk-go/pkg/apis/access/v1alpha3"
	specs1 "github.com/servicemeshinterface/smi-sdk-go/pkg/apis/specs/v1alpha1"
	specs2 "github.com/servicemeshinterface/smi-sdk-go/pkg/apis/specs/v1alpha2"
	specs3 "github.com/servicemeshinterface/smi-sdk-go/pkg/apis/specs/v1alpha3"
	specs4 "github.com/servicemeshinterface/smi-sdk-go/pkg/apis/specs/v1alpha4"
	split1 "github.com/servicemeshinterface/smi-sdk-go/pkg/apis/split/v1alpha1"
	split2 "github.com/servicemeshinterface/smi-sdk-go/pkg/apis/split/v1alpha2"
	split3 "github.com/servicemeshinterface/smi-sdk-go/pkg/apis/split/v1alpha3"
	split4 "github.com/servicemeshinterface/smi-sdk-go/pkg/apis/split/v1alpha4"
	accessclient "github.com/servicemeshinterface/smi-sdk-go/pkg/gen/client/access/clientset/versioned"
	specsclient "github.com/servicemeshinterface/smi-sdk-go/pkg/gen/client/specs/clientset/versioned"
	specsscheme "github.com/servicemeshinterface/smi-sdk-go/pkg/gen/client/specs/clientset/versioned/scheme"
	splitclient "github.com/servicemeshinterface/smi-sdk-go/pkg/gen/client/split/clientset/versioned"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/util/retry"
)

// kubeconfigVariable names the kubeconfig of a cluster with a mesh; the tests in this file skip without it. It is not KUBECONFIG, so
// that nothing is ever created in a cluster that somebody merely works with.
const kubeconfigVariable = "SMI_SDK_KUBECONFIG"

const limit = 30 * time.Second

// client is what client-gen makes for every kind and version.
type client[T, L any] interface {
	Create(ctx context.Context, object *T, options metav1.CreateOptions) (*T, error)
	Update(ctx context.Context, object *T, options metav1.UpdateOptions) (*T, error)
	Get(ctx context.Context, name string, options metav1.GetOptions) (*T, error)
	List(ctx context.Context, options metav1.ListOptions) (*L, error)
	Watch(ctx context.Context, options metav1.ListOptions) (watch.Interface, error)
	Delete(ctx context.Context, name string, options metav1.DeleteOptions) error
}

type fixture struct {
	namespace string
	access    *accessclient.Clientset
	specs     *specsclient.Clientset
	split     *splitclient.Clientset
}

func TestEveryKindAndVersion(t *testing.T) {
	f := start(t)
	named := metav1.ObjectMeta{Name: "sample"}
	port := 9091
	subject1 := access1.IdentityBindingSubject{Kind: "ServiceAccount", Name: "api", Port: port}
	subject2 := access2.IdentityBindingSubject{Kind: "ServiceAccount", Name: "api", Port: &port}
	half := resource.MustParse("500m")
	one := resource.MustParse("1")
	groups := []corev1.TypedLocalObjectReference{{Kind: "HTTPRouteGroup", Name: "firefox"}}

	exercise(t, "split/v1alpha1", f.split.SplitV1alpha1().TrafficSplits(f.namespace), &split1.TrafficSplit{ObjectMeta: named,
		Spec: split1.TrafficSplitSpec{Service: "web", Backends: []split1.TrafficSplitBackend{{Service: "a", Weight: &one}, {Service: "b", Weight: &half}}}})
	exercise(t, "split/v1alpha2", f.split.SplitV1alpha2().TrafficSplits(f.namespace), &split2.TrafficSplit{ObjectMeta: named,
		Spec: split2.TrafficSplitSpec{Service: "web", Backends: []split2.TrafficSplitBackend{{Service: "a", Weight: 0}, {Service: "b", Weight: 100}}}})
	exercise(t, "split/v1alpha3", f.split.SplitV1alpha3().TrafficSplits(f.namespace), &split3.TrafficSplit{ObjectMeta: named,
		Spec: split3.TrafficSplitSpec{Service: "web", Matches: groups, Backends: []split3.TrafficSplitBackend{{Service: "a", Weight: 0}}}})
	exercise(t, "split/v1alpha4", f.split.SplitV1alpha4().TrafficSplits(f.namespace), &split4.TrafficSplit{ObjectMeta: named,
		Spec: split4.TrafficSplitSpec{Service: "web", Matches: groups, Backends: []split4.TrafficSplitBackend{{Service: "a", Weight: 7}}}})

	exercise(t, "access/v1alpha1", f.access.AccessV1alpha1().TrafficTargets(f.namespace), &access1.TrafficTarget{ObjectMeta: named,
		Destination: subject1, Specs: []access1.TrafficTargetSpec{{Kind: "HTTPRouteGroup", Name: "api", Matches: []string{"read"}}},
		Sources: []access1.IdentityBindingSubject{{Kind: "ServiceAccount", Name: "web", Namespace: "front"}}})
	exercise(t, "access/v1alpha1 without lists", f.access.AccessV1alpha1().TrafficTargets(f.namespace),
		&access1.TrafficTarget{ObjectMeta: named, Destination: subject1})
	exercise(t, "access/v1alpha2", f.access.AccessV1alpha2().TrafficTargets(f.namespace), &access2.TrafficTarget{ObjectMeta: named,
		Spec: access2.TrafficTargetSpec{Destination: subject2, Rules: []access2.TrafficTargetRule{{Kind: "TCPRoute", Name: "api"}}}})
	exercise(t, "access/v1alpha3", f.access.AccessV1alpha3().TrafficTargets(f.namespace), &access3.TrafficTarget{ObjectMeta: named,
		Spec: access3.TrafficTargetSpec{Destination: access3.IdentityBindingSubject{Kind: "ServiceAccount", Name: "api"},
			Rules: []access3.TrafficTargetRule{{Kind: "UDPRoute", Name: "dns"}}}})

	headers := map[string]string{"user-agent": ".*Firefox.*", "x-debug": "1"}
	exercise(t, "specs/v1alpha1 HTTPRouteGroup", f.specs.SpecsV1alpha1().HTTPRouteGroups(f.namespace), &specs1.HTTPRouteGroup{ObjectMeta: named,
		Matches: []specs1.HTTPMatch{{Name: "read", PathRegex: "/items.*", Methods: []string{"GET", "*"}}}})
	exercise(t, "specs/v1alpha2 HTTPRouteGroup", f.specs.SpecsV1alpha2().HTTPRouteGroups(f.namespace), &specs2.HTTPRouteGroup{ObjectMeta: named,
		Matches: []specs2.HTTPMatch{{Name: "firefox", Headers: headers}}})
	exercise(t, "specs/v1alpha3 HTTPRouteGroup", f.specs.SpecsV1alpha3().HTTPRouteGroups(f.namespace), &specs3.HTTPRouteGroup{ObjectMeta: named,
		Spec: specs3.HTTPRouteGroupSpec{Matches: []specs3.HTTPMatch{{Name: "firefox", Headers: headers}}}})
	exercise(t, "specs/v1alpha4 HTTPRouteGroup", f.specs.SpecsV1alpha4().HTTPRouteGroups(f.namespace), &specs4.HTTPRouteGroup{ObjectMeta: named,
		Spec: specs4.HTTPRouteGroupSpec{Matches: []specs4.HTTPMatch{{Name: "firefox", Headers: headers}, {Name: "all"}}}})
	exercise(t, "specs/v1alpha1 TCPRoute", f.specs.SpecsV1alpha1().TCPRoutes(f.namespace), &specs1.TCPRoute{ObjectMeta: named})
	exercise(t, "specs/v1alpha2 TCPRoute", f.specs.SpecsV1alpha2().TCPRoutes(f.namespace), &specs2.TCPRoute{ObjectMeta: named})
	exercise(t, "specs/v1alpha3 TCPRoute", f.specs.SpecsV1alpha3().TCPRoutes(f.namespace), &specs3.TCPRoute{ObjectMeta: named})
	exercise(t, "specs/v1alpha4 TCPRoute", f.specs.SpecsV1alpha4().TCPRoutes(f.namespace), &specs4.TCPRoute{ObjectMeta: named,
		Spec: specs4.TCPRouteSpec{Matches: specs4.TCPMatch{Name: "some", Ports: []int{80, 8080}}}})
	exercise(t, "specs/v1alpha4 TCPRoute of every port", f.specs.SpecsV1alpha4().TCPRoutes(f.namespace), &specs4.TCPRoute{ObjectMeta: named})
	exercise(t, "specs/v1alpha4 UDPRoute", f.specs.SpecsV1alpha4().UDPRoutes(f.namespace), &specs4.UDPRoute{ObjectMeta: named,
		Spec: specs4.UDPRouteSpec{Matches: specs4.UDPMatch{Ports: []int{53}}}})
}

// Typed clients drop the fields that their version does not know. Annotations they keep.
func TestAnOlderClientKeepsWhatItCannotSee(t *testing.T) {
	f := start(t)
	named := metav1.ObjectMeta{Name: "narrow"}

	t.Run("headers", func(t *testing.T) {
		ctx := withLimit(t)
		newer := f.specs.SpecsV1alpha4().HTTPRouteGroups(f.namespace)
		_, err := newer.Create(ctx, &specs4.HTTPRouteGroup{ObjectMeta: named, Spec: specs4.HTTPRouteGroupSpec{
			Matches: []specs4.HTTPMatch{{Name: "debug", Headers: map[string]string{"x-debug": "1"}}}}}, metav1.CreateOptions{})
		must(t, err)
		change(ctx, t, f.specs.SpecsV1alpha1().HTTPRouteGroups(f.namespace), "narrow", func(group *specs1.HTTPRouteGroup) {
			group.Matches[0].PathRegex = "/changed"
		})
		group, err := newer.Get(ctx, "narrow", metav1.GetOptions{})
		must(t, err)
		if match := group.Spec.Matches[0]; match.PathRegex != "/changed" || match.Headers["x-debug"] != "1" {
			t.Errorf("match: %v (expected: path /changed, header x-debug)", match)
		}
	})

	t.Run("matches", func(t *testing.T) {
		ctx := withLimit(t)
		newer := f.split.SplitV1alpha4().TrafficSplits(f.namespace)
		_, err := newer.Create(ctx, &split4.TrafficSplit{ObjectMeta: named, Spec: split4.TrafficSplitSpec{Service: "web",
			Matches:  []corev1.TypedLocalObjectReference{{Kind: "HTTPRouteGroup", Name: "narrow"}},
			Backends: []split4.TrafficSplitBackend{{Service: "web-canary", Weight: 0}, {Service: "web-primary", Weight: 100}}}}, metav1.CreateOptions{})
		must(t, err)
		change(ctx, t, f.split.SplitV1alpha1().TrafficSplits(f.namespace), "narrow", func(split *split1.TrafficSplit) {
			split.Spec.Backends[0].Weight = resource.NewQuantity(30, resource.DecimalSI)
			split.Spec.Backends[1].Weight = resource.NewQuantity(70, resource.DecimalSI)
		})
		split, err := newer.Get(ctx, "narrow", metav1.GetOptions{})
		must(t, err)
		if len(split.Spec.Matches) != 1 || split.Spec.Backends[0].Weight != 30 || split.Spec.Backends[1].Weight != 70 {
			t.Errorf("split: %v (expected: one match, weights 30 and 70)", split.Spec)
		}
	})

	t.Run("port", func(t *testing.T) {
		ctx := withLimit(t)
		port := 9091
		older := f.access.AccessV1alpha2().TrafficTargets(f.namespace)
		_, err := older.Create(ctx, &access2.TrafficTarget{ObjectMeta: named, Spec: access2.TrafficTargetSpec{
			Destination: access2.IdentityBindingSubject{Kind: "ServiceAccount", Name: "api", Port: &port}}}, metav1.CreateOptions{})
		must(t, err)
		change(ctx, t, f.access.AccessV1alpha3().TrafficTargets(f.namespace), "narrow", func(target *access3.TrafficTarget) {
			target.Spec.Sources = []access3.IdentityBindingSubject{{Kind: "ServiceAccount", Name: "web"}}
		})
		target, err := older.Get(ctx, "narrow", metav1.GetOptions{})
		must(t, err)
		if target.Spec.Destination.Port == nil || *target.Spec.Destination.Port != port || len(target.Spec.Sources) != 1 {
			t.Errorf("target: %v (expected: port 9091, one source)", target.Spec)
		}
		oldest, err := f.access.AccessV1alpha1().TrafficTargets(f.namespace).Get(ctx, "narrow", metav1.GetOptions{})
		must(t, err)
		if oldest.Destination.Port != port {
			t.Errorf("port in v1alpha1: %d (expected: 9091)", oldest.Destination.Port)
		}
	})

	t.Run("ports", func(t *testing.T) {
		ctx := withLimit(t)
		newer := f.specs.SpecsV1alpha4().TCPRoutes(f.namespace)
		_, err := newer.Create(ctx, &specs4.TCPRoute{ObjectMeta: named, Spec: specs4.TCPRouteSpec{Matches: specs4.TCPMatch{Ports: []int{5432}}}},
			metav1.CreateOptions{})
		must(t, err)
		change(ctx, t, f.specs.SpecsV1alpha3().TCPRoutes(f.namespace), "narrow", func(route *specs3.TCPRoute) {
			route.Labels = map[string]string{"changed": "true"}
		})
		route, err := newer.Get(ctx, "narrow", metav1.GetOptions{})
		must(t, err)
		if !reflect.DeepEqual(route.Spec.Matches.Ports, []int{5432}) || route.Labels["changed"] != "true" {
			t.Errorf("route: %v (expected: port 5432, label changed)", route)
		}
	})
}

// exercise creates, gets, lists, watches, updates and deletes an object named sample.
func exercise[T, L any](t *testing.T, name string, c client[T, L], object *T) {
	t.Run(name, func(t *testing.T) {
		ctx := withLimit(t)
		want := fields(t, object)
		created, err := c.Create(ctx, object, metav1.CreateOptions{})
		must(t, err)
		same(t, "created", want, fields(t, created))
		defer func() {
			must(t, c.Delete(ctx, "sample", metav1.DeleteOptions{}))
		}()
		got, err := c.Get(ctx, "sample", metav1.GetOptions{})
		must(t, err)
		same(t, "got", want, fields(t, got))
		list, err := c.List(ctx, metav1.ListOptions{})
		must(t, err)
		items := reflect.ValueOf(list).Elem().FieldByName("Items")
		if items.Len() != 1 {
			t.Fatalf("listed: %d (expected: 1)", items.Len())
		}
		same(t, "listed", want, fields(t, items.Index(0).Interface()))
		same(t, "watched", want, fields(t, watched(ctx, t, c, any(created).(metav1.Object).GetUID())))
		same(t, "updated", want, fields(t, change(ctx, t, c, "sample", func(object *T) {
			any(object).(metav1.Object).SetLabels(map[string]string{"changed": "true"})
		})))
	})
}

// watched is the first that a watch tells of an object. Before it may come what is left of others that had its name.
func watched[T, L any](ctx context.Context, t *testing.T, c client[T, L], uid types.UID) any {
	t.Helper()
	w, err := c.Watch(ctx, metav1.ListOptions{})
	must(t, err)
	defer w.Stop()
	for {
		select {
		case event, open := <-w.ResultChan():
			if !open || event.Type == watch.Error {
				t.Fatalf("watched: %v (expected: the object)", event.Object)
			}
			if object, ok := event.Object.(metav1.Object); ok && object.GetUID() == uid {
				return object
			}
		case <-ctx.Done():
			t.Fatal("watched: nothing within ", limit)
		}
	}
}

// change reads an object, edits it and writes it back, again where somebody else wrote in between.
func change[T, L any](ctx context.Context, t *testing.T, c client[T, L], name string, edit func(*T)) *T {
	t.Helper()
	var updated *T
	must(t, retry.RetryOnConflict(retry.DefaultBackoff, func() error {
		current, err := c.Get(ctx, name, metav1.GetOptions{})
		if err != nil {
			return err
		}
		edit(current)
		updated, err = c.Update(ctx, current, metav1.UpdateOptions{})
		return err
	}))
	return updated
}

func withLimit(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	t.Cleanup(cancel)
	return ctx
}

// fields are those that belong to the version.
func fields(t *testing.T, object any) map[string]any {
	t.Helper()
	text, err := json.Marshal(object)
	must(t, err)
	result := map[string]any{}
	must(t, json.Unmarshal(text, &result))
	for _, name := range []string{"apiVersion", "kind", "metadata", "status"} {
		delete(result, name)
	}
	sortHeaders(result)
	return result
}

// sortHeaders makes one map of the list of maps that the SDK writes in no order.
func sortHeaders(value any) {
	switch node := value.(type) {
	case map[string]any:
		if list, ok := node["headers"].([]any); ok {
			merged := map[string]any{}
			for _, header := range list {
				for name, expression := range header.(map[string]any) {
					merged[name] = expression
				}
			}
			node["headers"] = merged
		}
		for _, child := range node {
			sortHeaders(child)
		}
	case []any:
		for _, child := range node {
			sortHeaders(child)
		}
	}
}

func same(t *testing.T, what string, want, got map[string]any) {
	t.Helper()
	if !reflect.DeepEqual(want, got) {
		t.Errorf("%s: %v (expected: %v)", what, got, want)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// start makes a namespace of its own, which goes with the test.
func start(t *testing.T) fixture {
	t.Helper()
	file := os.Getenv(kubeconfigVariable)
	if file == "" {
		t.Skip(kubeconfigVariable + ": not set (expected: the kubeconfig of a cluster with a mesh)")
	}
	config, err := clientcmd.BuildConfigFromFlags("", file)
	must(t, err)
	config.QPS, config.Burst = 100, 100
	core, err := kubernetes.NewForConfig(config)
	must(t, err)
	namespace, err := core.CoreV1().Namespaces().Create(context.Background(),
		&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "smi-sdk-"}}, metav1.CreateOptions{})
	must(t, err)
	t.Cleanup(func() {
		if err := core.CoreV1().Namespaces().Delete(context.Background(), namespace.Name, metav1.DeleteOptions{}); err != nil {
			t.Errorf("namespace %s: %v", namespace.Name, err)
		}
	})
	f, err := clients(config)
	must(t, err)
	f.namespace = namespace.Name
	return f
}

func clients(config *rest.Config) (fixture, error) {
	// The SDK has a client of UDPRoutes and forgets to register them: without this it sends them without their kind, to any server.
	specsscheme.Scheme.AddKnownTypes(specs4.SchemeGroupVersion, &specs4.UDPRoute{}, &specs4.UDPRouteList{})
	access, err := accessclient.NewForConfig(config)
	if err != nil {
		return fixture{}, fmt.Errorf("access: %w", err)
	}
	specs, err := specsclient.NewForConfig(config)
	if err != nil {
		return fixture{}, fmt.Errorf("specs: %w", err)
	}
	split, err := splitclient.NewForConfig(config)
	if err != nil {
		return fixture{}, fmt.Errorf("split: %w", err)
	}
	return fixture{access: access, specs: specs, split: split}, nil
}
