// Package node is the inside of a cluster's node: a process with its own PID, mount, network, host name and IPC
// namespaces whose first process starts and supervises Kubernetes. When that first process ends, however it ends,
// the kernel ends every other process of the node and with them every mount, device and rule they made.
package node

import (
	"encoding/json"
	"fmt"
	"os"

	"heddle.dev/localcluster/internal/network"
)

// Specification is all that the node's first process has to know.
type Specification struct {
	HostName string       `json:"hostName"`
	Plan     network.Plan `json:"plan"`
	// Var is the folder that becomes the node's /var.
	Var string `json:"var"`
	// Keep are folders that must stay visible even where they lie beneath what the node has of its own (/var, /run, /tmp).
	Keep []string `json:"keep"`
	// Resolver is the file that becomes the node's /etc/resolv.conf.
	Resolver string `json:"resolver"`
	// Authority is the PEM file by which readiness probes verify the API server.
	Authority  string      `json:"authority"`
	Components []Component `json:"components"`
}

// Component is one process of the node.
type Component struct {
	Name        string   `json:"name"`
	Command     []string `json:"command"`
	Environment []string `json:"environment,omitempty"`
	Log         string   `json:"log"`
	// Awaits is what must answer before the component starts: "unix:PATH", "tcp:HOST:PORT" or an https URL; or nothing.
	Awaits string `json:"awaits,omitempty"`
}

// Write stores the specification as JSON.
func (s Specification) Write(path string) error {
	content, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return fmt.Errorf("node specification: %w", err)
	}
	return os.WriteFile(path, content, 0o600)
}

// Read is the inverse of Write.
func Read(path string) (Specification, error) {
	var specification Specification
	content, err := os.ReadFile(path)
	if err != nil {
		return specification, fmt.Errorf("node specification: %w", err)
	}
	if err := json.Unmarshal(content, &specification); err != nil {
		return specification, fmt.Errorf("node specification %s: %w", path, err)
	}
	return specification, nil
}
