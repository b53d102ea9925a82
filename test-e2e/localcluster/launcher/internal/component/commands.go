package component

import (
	"fmt"

	"heddle.dev/localcluster/internal/node"
)

const etcdAddress = "127.0.0.1:2379"

// components returns the processes of the node in the order in which they become able to start.
func (i Inputs) components() []node.Component {
	ready := i.APIServer() + "/readyz"
	return []node.Component{
		i.etcd(),
		i.component("containerd", "", "containerd", "--config", i.Layout.Configuration("containerd.toml")),
		i.kubernetes("kube-apiserver", "tcp:"+etcdAddress, i.apiServer()...),
		i.kubernetes("kube-controller-manager", ready, i.controllerManager()...),
		i.kubernetes("kube-scheduler", ready, i.scheduler()...),
		i.kubernetes("kube-proxy", ready, "--config="+i.Layout.Configuration("kube-proxy.yaml")),
		i.kubernetes("coredns", ready, "-conf", i.Layout.Configuration("Corefile")),
		// The kubelet waits for containerd by itself, but for the API server with ever longer pauses.
		i.kubernetes("kubelet", ready,
			"--config="+i.Layout.Configuration("kubelet.yaml"),
			"--kubeconfig="+i.Layout.ComponentKubeconfig("kubelet"),
			"--hostname-override="+i.Layout.Node(),
			"--node-ip="+i.Plan.Node.String()),
	}
}

func (i Inputs) etcd() node.Component {
	etcd := i.component("etcd", "", "etcd",
		"--name=node",
		"--data-dir=/var/lib/etcd",
		"--listen-client-urls=http://"+etcdAddress,
		"--advertise-client-urls=http://"+etcdAddress,
		"--listen-peer-urls=http://127.0.0.1:2380",
		"--initial-advertise-peer-urls=http://127.0.0.1:2380",
		"--initial-cluster=node=http://127.0.0.1:2380",
		"--log-level=warn",
		// The data lives no longer than the cluster.
		"--unsafe-no-fsync")
	etcd.Environment = []string{"ETCD_UNSUPPORTED_ARCH=arm64"}
	return etcd
}

func (i Inputs) apiServer() []string {
	pki := i.Layout.PKI
	return []string{
		"--etcd-servers=http://" + etcdAddress,
		"--bind-address=0.0.0.0",
		fmt.Sprintf("--secure-port=%d", apiPort),
		"--advertise-address=" + i.Plan.Node.String(),
		"--service-cluster-ip-range=" + i.Plan.Services.String(),
		"--allow-privileged=true",
		"--authorization-mode=Node,RBAC",
		"--enable-admission-plugins=NodeRestriction",
		"--client-ca-file=" + pki("ca.crt"),
		"--tls-cert-file=" + pki("kube-apiserver.crt"),
		"--tls-private-key-file=" + pki("kube-apiserver.key"),
		"--service-account-issuer=https://kubernetes.default.svc.cluster.local",
		"--service-account-key-file=" + pki("service-account.pub"),
		"--service-account-signing-key-file=" + pki("service-account.key"),
		"--kubelet-certificate-authority=" + pki("ca.crt"),
		"--kubelet-client-certificate=" + pki("kubelet-client.crt"),
		"--kubelet-client-key=" + pki("kubelet-client.key"),
		"--kubelet-preferred-address-types=InternalIP",
		"--enable-aggregator-routing=true",
		"--proxy-client-cert-file=" + pki("front-proxy-client.crt"),
		"--proxy-client-key-file=" + pki("front-proxy-client.key"),
		"--requestheader-client-ca-file=" + pki("front-proxy-ca.crt"),
		"--requestheader-allowed-names=front-proxy-client",
		"--requestheader-username-headers=X-Remote-User",
		"--requestheader-group-headers=X-Remote-Group",
		"--requestheader-extra-headers-prefix=X-Remote-Extra-",
		// It needs RequestWatchProgress, which etcd has from 3.4.25 and 3.5.8 on. With Debian's older one a watch that names no resource
		// version, or asks for bookmarks from "0" on, would be answered with an error instead of what there is.
		"--feature-gates=WatchList=false",
		"--profiling=false",
	}
}

func (i Inputs) controllerManager() []string {
	return append(i.clientOf("kube-controller-manager"),
		"--cluster-signing-cert-file="+i.Layout.PKI("ca.crt"),
		"--cluster-signing-key-file="+i.Layout.PKI("ca.key"),
		"--root-ca-file="+i.Layout.PKI("ca.crt"),
		"--service-account-private-key-file="+i.Layout.PKI("service-account.key"),
		"--use-service-account-credentials=true")
}

func (i Inputs) scheduler() []string { return i.clientOf("kube-scheduler") }

func (i Inputs) clientOf(name string) []string {
	kubeconfig := i.Layout.ComponentKubeconfig(name)
	return []string{
		"--kubeconfig=" + kubeconfig,
		"--authentication-kubeconfig=" + kubeconfig,
		"--authorization-kubeconfig=" + kubeconfig,
		"--bind-address=127.0.0.1",
		"--leader-elect=false",
		// The defaults are made for sharing an API server; here they would be most of the time until the first pod.
		"--kube-api-qps=200",
		"--kube-api-burst=400",
		"--profiling=false",
	}
}

func (i Inputs) kubernetes(name, awaits string, arguments ...string) node.Component {
	return i.component(name, awaits, append([]string{i.Kubernetes, name}, arguments...)...)
}

func (i Inputs) component(name, awaits string, command ...string) node.Component {
	return node.Component{Name: name, Command: command, Log: i.Layout.Log(name), Awaits: awaits}
}
