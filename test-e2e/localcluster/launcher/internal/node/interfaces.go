package node

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"heddle.dev/localcluster/internal/network"
)

// LinkName is the node's end of the link to the host.
const LinkName = "eth0"

var settings = []struct{ file, value string }{
	{"net/ipv4/ip_forward", "1"},
	// Service addresses are rewritten by nftables also between two pods on one bridge.
	{"net/bridge/bridge-nf-call-iptables", "1"},
	// A pod that reaches itself through a Service comes back on the interface it left by.
	{"net/ipv4/conf/all/rp_filter", "0"},
}

// prepareNetwork brings up the interfaces and sets what Kubernetes expects of a node's network.
func prepareNetwork(plan network.Plan, processes *processes) error {
	commands := [][]string{
		{"ip", "link", "set", "lo", "up"},
		{"ip", "address", "add", fmt.Sprintf("%s/%d", plan.Node, plan.Link.Bits()), "dev", LinkName},
		{"ip", "link", "set", LinkName, "up"},
		{"ip", "route", "add", "default", "via", plan.Host.String()},
	}
	for _, command := range commands {
		if err := processes.run(command); err != nil {
			return err
		}
	}
	for _, setting := range settings {
		if err := os.WriteFile("/proc/sys/"+setting.file, []byte(setting.value), 0); err != nil {
			if errors.Is(err, os.ErrNotExist) && strings.HasPrefix(setting.file, "net/bridge/") {
				return fmt.Errorf("%s: missing (expected: the kernel module br_netfilter, see modprobe)", setting.file)
			}
			return fmt.Errorf("setting %s: %w", setting.file, err)
		}
	}
	return nil
}
