// Command kubernetes is the whole of a one-node Kubernetes in one program, and kubectl besides: its first argument names
// the component to be, the rest are that component's own arguments. One binary links, caches and pages in faster than seven.
package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/coredns/coredns/core/dnsserver"
	"github.com/coredns/coredns/coremain"
	_ "github.com/coredns/coredns/plugin/bind"
	_ "github.com/coredns/coredns/plugin/cache"
	_ "github.com/coredns/coredns/plugin/errors"
	_ "github.com/coredns/coredns/plugin/forward"
	_ "github.com/coredns/coredns/plugin/kubernetes"
	_ "github.com/coredns/coredns/plugin/loadbalance"
	_ "github.com/coredns/coredns/plugin/log"
	_ "github.com/coredns/coredns/plugin/loop"
	_ "github.com/coredns/coredns/plugin/ready"
	"github.com/spf13/cobra"
	"k8s.io/component-base/cli"
	_ "k8s.io/component-base/logs/json/register"
	_ "k8s.io/component-base/metrics/prometheus/clientgo"
	_ "k8s.io/component-base/metrics/prometheus/version"
	kubectl "k8s.io/kubectl/pkg/cmd"
	kubectlerrors "k8s.io/kubectl/pkg/cmd/util"
	apiserver "k8s.io/kubernetes/cmd/kube-apiserver/app"
	controllermanager "k8s.io/kubernetes/cmd/kube-controller-manager/app"
	proxy "k8s.io/kubernetes/cmd/kube-proxy/app"
	scheduler "k8s.io/kubernetes/cmd/kube-scheduler/app"
	kubelet "k8s.io/kubernetes/cmd/kubelet/app"
)

var components = map[string]func() int{
	"kube-apiserver":          func() int { return run(apiserver.NewAPIServerCommand()) },
	"kube-controller-manager": func() int { return run(controllermanager.NewControllerManagerCommand()) },
	"kube-scheduler":          func() int { return run(scheduler.NewSchedulerCommand()) },
	"kubelet":                 func() int { return run(kubelet.NewKubeletCommand(context.Background())) },
	"kube-proxy":              func() int { return run(proxy.NewProxyCommand()) },
	"kubectl":                 runKubectl,
	"coredns":                 runCoreDNS,
}

// dnsPlugins are the CoreDNS plugins linked into this program, in the order in which upstream's plugin.cfg chains them.
var dnsPlugins = []string{"bind", "ready", "errors", "log", "loadbalance", "cache", "kubernetes", "loop", "forward"}

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintf(os.Stderr, "component: missing (expected: one of %s)\n", names())
		os.Exit(2)
	}
	component, known := components[os.Args[1]]
	if !known {
		fmt.Fprintf(os.Stderr, "component: %s (expected: one of %s)\n", os.Args[1], names())
		os.Exit(2)
	}
	// Every component parses os.Args itself and expects its own name in the first place.
	os.Args = os.Args[1:]
	os.Exit(component())
}

func run(command *cobra.Command) int { return cli.Run(command) }

func runCoreDNS() int {
	dnsserver.Directives = dnsPlugins
	coremain.Run()
	return 0
}

// runKubectl reports errors the way kubectl does, which knows more about them than cli.Run.
func runKubectl() int {
	kubectlerrors.CheckErr(cli.RunNoErrOutput(kubectl.NewDefaultKubectlCommand()))
	return 0
}

func names() string {
	var all []string
	for name := range components {
		all = append(all, name)
	}
	slices.Sort(all)
	return strings.Join(all, ", ")
}
