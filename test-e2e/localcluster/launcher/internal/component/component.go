// Package component knows how each part of Kubernetes is configured and started: it writes certificates, kubeconfigs
// and configuration files, and returns the command lines.
package component

import (
	"bytes"
	"crypto/ecdsa"
	"embed"
	"encoding/base64"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"syscall"
	"text/template"

	"heddle.dev/localcluster/internal/image"
	"heddle.dev/localcluster/internal/layout"
	"heddle.dev/localcluster/internal/network"
	"heddle.dev/localcluster/internal/node"
	"heddle.dev/localcluster/internal/pki"
)

//go:embed templates
var files embed.FS

var templates = template.Must(template.ParseFS(files, "templates/*"))

// Inputs are what the configuration depends on.
type Inputs struct {
	Layout layout.Layout
	Plan   network.Plan
	// Kubernetes is the program that is every component of Kubernetes.
	Kubernetes string
	// CNIFolder holds the CNI plugins.
	CNIFolder string
	// NameServers answer for names outside the cluster; without any, such names are not found.
	NameServers []netip.Addr
}

// Names of users the cluster knows besides Kubernetes' own.
const (
	KubeletClientUser = "heddle:kube-apiserver-kubelet-client"
	DNSUser           = "heddle:coredns"
)

// APIServer is the address of the API server, for kubeconfigs.
func (i Inputs) APIServer() string { return fmt.Sprintf("https://%s:%d", i.Plan.Node, apiPort) }

const apiPort = 6443

// Write writes every file the components read, and the node's specification.
func (i Inputs) Write() error {
	authority, err := i.writeCertificates()
	if err != nil {
		return err
	}
	if err := i.writeAdmin(authority); err != nil {
		return err
	}
	if err := i.writeKubeconfigs(authority); err != nil {
		return err
	}
	if err := i.writeConfiguration(); err != nil {
		return err
	}
	return i.specification().Write(i.Layout.Specification())
}

func (i Inputs) writeCertificates() (*pki.Authority, error) {
	authority, err := i.writeAuthority("ca", "kubernetes")
	if err != nil {
		return nil, err
	}
	frontProxy, err := i.writeAuthority("front-proxy-ca", "kubernetes-front-proxy")
	if err != nil {
		return nil, err
	}
	apiServer := pki.Subject{
		CommonName: "kube-apiserver",
		DNSNames: []string{"kubernetes", "kubernetes.default", "kubernetes.default.svc",
			"kubernetes.default.svc.cluster.local", "localhost", i.Layout.Node()},
		Addresses: []netip.Addr{i.Plan.API, i.Plan.Node, netip.AddrFrom4([4]byte{127, 0, 0, 1})},
		Server:    true,
	}
	kubelet := pki.Subject{
		CommonName: "system:node:" + i.Layout.Node(), Organizations: []string{"system:nodes"},
		DNSNames: []string{i.Layout.Node()}, Addresses: []netip.Addr{i.Plan.Node}, Server: true,
	}
	for _, wanted := range []struct {
		name    string
		issuer  *pki.Authority
		subject pki.Subject
	}{
		{"kube-apiserver", authority, apiServer},
		{"kubelet", authority, kubelet},
		{"kubelet-client", authority, pki.Subject{CommonName: KubeletClientUser}},
		{"front-proxy-client", frontProxy, pki.Subject{CommonName: "front-proxy-client"}},
	} {
		pair, err := wanted.issuer.Issue(wanted.subject)
		if err != nil {
			return nil, err
		}
		if err := pair.Write(i.Layout.PKI(wanted.name)); err != nil {
			return nil, err
		}
	}
	return authority, i.writeServiceAccountKey()
}

func (i Inputs) writeAuthority(file, commonName string) (*pki.Authority, error) {
	authority, err := pki.NewAuthority(commonName)
	if err != nil {
		return nil, err
	}
	return authority, pki.Pair{Certificate: authority.PEM, Key: authority.KeyPEM}.Write(i.Layout.PKI(file))
}

func (i Inputs) writeServiceAccountKey() error {
	var key *ecdsa.PrivateKey
	key, private, err := pki.NewKey()
	if err != nil {
		return err
	}
	public, err := pki.PublicKeyPEM(key)
	if err != nil {
		return err
	}
	if err := os.WriteFile(i.Layout.PKI("service-account.pub"), public, 0o600); err != nil {
		return err
	}
	return os.WriteFile(i.Layout.PKI("service-account.key"), private, 0o600)
}

func (i Inputs) writeAdmin(authority *pki.Authority) error {
	pair, err := authority.Issue(pki.Subject{CommonName: "admin", Organizations: []string{"system:masters"}, RSA: true})
	if err != nil {
		return err
	}
	if err := pair.Write(i.Layout.PKI("admin")); err != nil {
		return err
	}
	return i.writeKubeconfig(i.Layout.Kubeconfig(), authority, pair)
}

func (i Inputs) writeKubeconfigs(authority *pki.Authority) error {
	for component, subject := range map[string]pki.Subject{
		"kube-controller-manager": {CommonName: "system:kube-controller-manager"},
		"kube-scheduler":          {CommonName: "system:kube-scheduler"},
		"kube-proxy":              {CommonName: "system:kube-proxy"},
		"coredns":                 {CommonName: DNSUser},
		"kubelet":                 {CommonName: "system:node:" + i.Layout.Node(), Organizations: []string{"system:nodes"}},
	} {
		pair, err := authority.Issue(subject)
		if err != nil {
			return err
		}
		if err := i.writeKubeconfig(i.Layout.ComponentKubeconfig(component), authority, pair); err != nil {
			return err
		}
	}
	return nil
}

func (i Inputs) writeKubeconfig(path string, authority *pki.Authority, pair pki.Pair) error {
	encode := base64.StdEncoding.EncodeToString
	return render("kubeconfig.yaml", path, map[string]string{
		"Context": i.Layout.Node(), "Server": i.APIServer(), "Authority": encode(authority.PEM),
		"Certificate": encode(pair.Certificate), "Key": encode(pair.Key),
	})
}

// Credentials are PEM.
type Credentials struct{ Authority, Certificate, Key []byte }

// AdminCredentials reads back the administrator's.
func AdminCredentials(l layout.Layout) (Credentials, error) {
	authority, err := os.ReadFile(l.PKI("ca.crt"))
	if err != nil {
		return Credentials{}, err
	}
	certificate, err := os.ReadFile(l.PKI("admin.crt"))
	if err != nil {
		return Credentials{}, err
	}
	key, err := os.ReadFile(l.PKI("admin.key"))
	return Credentials{Authority: authority, Certificate: certificate, Key: key}, err
}

func (i Inputs) writeConfiguration() error {
	resolver := ""
	for _, server := range i.NameServers {
		resolver += fmt.Sprintf("nameserver %s\n", server)
	}
	if err := os.WriteFile(i.resolver(), []byte(resolver), 0o644); err != nil {
		return err
	}
	snapshotter, err := snapshotter(i.Layout.Var())
	if err != nil {
		return err
	}
	values := map[string]any{
		"Plan": i.Plan, "PKI": filepath.Dir(i.Layout.PKI("ca.crt")), "Cgroup": i.Layout.Cgroup(), "NodeName": i.Layout.Node(),
		"ContainerdSocket": i.Layout.ContainerdSocket(), "CNIFolder": i.CNIFolder, "CNIConfiguration": i.Layout.CNIConfiguration(),
		"PauseImage": image.Pause, "Snapshotter": snapshotter, "Resolver": i.resolver(), "NameServers": i.NameServers,
		"ProxyKubeconfig": i.Layout.ComponentKubeconfig("kube-proxy"), "DNSKubeconfig": i.Layout.ComponentKubeconfig("coredns"),
	}
	for name, path := range map[string]string{
		"containerd.toml": i.Layout.Configuration("containerd.toml"),
		"pods.conflist":   filepath.Join(i.Layout.CNIConfiguration(), "pods.conflist"),
		"kubelet.yaml":    i.Layout.Configuration("kubelet.yaml"),
		"kube-proxy.yaml": i.Layout.Configuration("kube-proxy.yaml"),
		"Corefile":        i.Layout.Configuration("Corefile"),
	} {
		if err := render(name, path, values); err != nil {
			return err
		}
	}
	return nil
}

func (i Inputs) resolver() string { return i.Layout.Configuration("resolv.conf") }

// snapshotter is overlayfs but where the state itself lies on one: the kernel refuses to stack them.
func snapshotter(folder string) (string, error) {
	const overlayMagic = 0x794c7630
	var statistics syscall.Statfs_t
	if err := syscall.Statfs(folder, &statistics); err != nil {
		return "", fmt.Errorf("%s: %w", folder, err)
	}
	if statistics.Type == overlayMagic {
		return "native", nil
	}
	return "overlayfs", nil
}

func render(name, path string, values any) error {
	var content bytes.Buffer
	if err := templates.ExecuteTemplate(&content, name, values); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return os.WriteFile(path, content.Bytes(), 0o600)
}

func (i Inputs) specification() node.Specification {
	return node.Specification{
		HostName:   i.Layout.Node(),
		Plan:       i.Plan,
		Var:        i.Layout.Var(),
		Keep:       []string{i.Layout.Folder(), filepath.Dir(i.Kubernetes)},
		Resolver:   i.resolver(),
		Authority:  i.Layout.PKI("ca.crt"),
		Components: i.components(),
	}
}
