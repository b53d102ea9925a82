// Package layout names every file of a cluster's state.
package layout

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
)

// Base is the folder that holds one folder per cluster. There is one for the whole machine: which networks are taken
// and which kernel settings were changed has to be known to all.
const Base = "/var/lib/heddle/localcluster"

var validName = regexp.MustCompile(`^[a-z]([a-z0-9-]{0,22}[a-z0-9])?$`)

// Layout is where one cluster's files are.
type Layout struct{ Name string }

// Of returns the layout of a cluster; its name becomes part of host names and cgroup names.
func Of(name string) (Layout, error) {
	if !validName.MatchString(name) {
		return Layout{}, fmt.Errorf("name: %q (expected: up to 24 lower-case letters, digits and dashes, a letter first)", name)
	}
	return Layout{Name: name}, nil
}

// Names lists the clusters that have any state, running or not.
func Names() ([]string, error) {
	entries, err := os.ReadDir(Base)
	if os.IsNotExist(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("state folder: %w", err)
	}
	var names []string
	for _, entry := range entries {
		if entry.IsDir() && validName.MatchString(entry.Name()) {
			names = append(names, entry.Name())
		}
	}
	return names, nil
}

// Folder is all that the cluster keeps on disk.
func (l Layout) Folder() string { return filepath.Join(Base, l.Name) }

// Record says which process is the node and which addresses it has.
func (l Layout) Record() string { return l.in("record.json") }

// Specification tells the node's first process what to run.
func (l Layout) Specification() string { return l.in("node.json") }

// Kubeconfig is the administrator's.
func (l Layout) Kubeconfig() string { return l.in("kubeconfig") }

// ComponentKubeconfig is the one of a component of the cluster.
func (l Layout) ComponentKubeconfig(component string) string {
	return l.in("configuration", component+".kubeconfig")
}

// Configuration is a component's configuration file.
func (l Layout) Configuration(file string) string { return l.in("configuration", file) }

// PKI is the path of a certificate or key.
func (l Layout) PKI(file string) string { return l.in("pki", file) }

// Log is where a component's output goes.
func (l Layout) Log(component string) string { return l.in("logs", component+".log") }

// CNIConfiguration is the folder containerd reads network configurations from.
func (l Layout) CNIConfiguration() string { return l.in("configuration", "cni") }

// ContainerdSocket is reachable from the host as well as from within the node.
func (l Layout) ContainerdSocket() string { return l.in("containerd.sock") }

// Var becomes the node's own /var.
func (l Layout) Var() string { return l.in("var") }

// Node is the name of the Kubernetes node and of its host.
func (l Layout) Node() string { return "heddle-" + l.Name }

// Cgroup is the name of the control group, in every hierarchy, beneath which the pods' groups lie.
func (l Layout) Cgroup() string { return "heddle-localcluster-" + l.Name }

// Create makes all folders.
func (l Layout) Create() error {
	for _, folder := range []string{"pki", "logs", "configuration/cni", "var/lib", "var/log"} {
		if err := os.MkdirAll(l.in(folder), 0o755); err != nil {
			return fmt.Errorf("state folder: %w", err)
		}
	}
	// Keys lie beneath; the mode of the folder guards them.
	return os.Chmod(l.Folder(), 0o700)
}

func (l Layout) in(parts ...string) string {
	return filepath.Join(append([]string{l.Folder()}, parts...)...)
}
