package host

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// programs of the host that a cluster runs. What Debian calls them is written in make/packages.
var programs = []string{
	"etcd", "containerd", "containerd-shim-runc-v2", "ctr", "runc", "nft", "ip", "iptables", "nsenter",
}

// cniFolders are where distributions put the CNI plugins.
var cniFolders = []string{"/usr/lib/cni", "/opt/cni/bin", "/usr/libexec/cni"}

// FindPrograms returns nil if everything a cluster needs is installed, else an error that names what is missing.
func FindPrograms() error {
	var missing []string
	for _, program := range programs {
		if _, err := exec.LookPath(program); err != nil {
			missing = append(missing, program)
		}
	}
	if len(missing) > 0 {
		return fmt.Errorf("programs not on PATH: %s (make/packages cluster installs them on Debian)", strings.Join(missing, ", "))
	}
	_, err := CNIFolder()
	return err
}

// CNIFolder returns the folder of the CNI plugins.
func CNIFolder() (string, error) {
	for _, folder := range cniFolders {
		if _, err := os.Stat(filepath.Join(folder, "bridge")); err == nil {
			return folder, nil
		}
	}
	return "", fmt.Errorf("CNI plugin bridge: in none of %s (make/packages cluster installs it on Debian)", strings.Join(cniFolders, ", "))
}
