package host

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"os/exec"
	"strconv"
	"strings"

	"heddle.dev/localcluster/internal/network"
	"heddle.dev/localcluster/internal/node"
)

// Link is the way between the host and a node's network namespace: a pair of virtual Ethernet devices, routes to the
// node's pods and Services, and a rule that lets them out to the world.
type Link struct{ Plan network.Plan }

// Create makes the link to the network namespace of a process.
func (l Link) Create(pid int) error {
	device, node4 := l.device(), l.Plan.Node.String()
	for _, command := range [][]string{
		{"ip", "link", "add", device, "type", "veth", "peer", "name", node.LinkName, "netns", strconv.Itoa(pid)},
		{"ip", "address", "add", fmt.Sprintf("%s/%d", l.Plan.Host, l.Plan.Link.Bits()), "dev", device},
		{"ip", "link", "set", device, "up"},
		{"ip", "route", "add", l.Plan.Pods.String(), "via", node4},
		{"ip", "route", "add", l.Plan.Services.String(), "via", node4},
	} {
		if _, err := run("", command...); err != nil {
			return err
		}
	}
	_, err := run(l.rules(), "nft", "-f", "-")
	return err
}

// Remove undoes Create, whole or half done.
func (l Link) Remove() error {
	if err := l.removeDevice(); err != nil {
		return err
	}
	// A table must exist to be deleted; declaring it first makes the deletion idempotent.
	_, err := run(fmt.Sprintf("table ip %[1]s\ndelete table ip %[1]s\n", l.table()), "nft", "-f", "-")
	return err
}

// removeDevice does not mind if the device goes by itself meanwhile: the kernel takes it away with the network namespace
// at its other end, some time after the node's last process has ended.
func (l Link) removeDevice() error {
	exists, err := l.deviceExists()
	if err != nil || !exists {
		return err
	}
	_, failure := run("", "ip", "link", "delete", l.device())
	if failure == nil {
		return nil
	}
	if exists, err = l.deviceExists(); err != nil || !exists {
		return err
	}
	return failure
}

// Routes lists the destinations of the host's routes.
func Routes() ([]netip.Prefix, error) {
	output, err := run("", "ip", "-json", "-4", "route", "show", "table", "all")
	if err != nil {
		return nil, err
	}
	var rows []struct{ Dst string }
	if err := json.Unmarshal(output, &rows); err != nil {
		return nil, fmt.Errorf("ip route: %w", err)
	}
	var routes []netip.Prefix
	for _, row := range rows {
		if prefix, err := netip.ParsePrefix(row.Dst); err == nil {
			routes = append(routes, prefix)
		} else if address, err := netip.ParseAddr(row.Dst); err == nil {
			routes = append(routes, netip.PrefixFrom(address, address.BitLen()))
		}
	}
	return routes, nil
}

func (l Link) device() string { return fmt.Sprintf("heddle-lc%d", l.Plan.Slot) }

func (l Link) table() string { return fmt.Sprintf("heddle-localcluster-%d", l.Plan.Slot) }

func (l Link) rules() string {
	return fmt.Sprintf(`table ip %s {
	chain postrouting {
		type nat hook postrouting priority srcnat; policy accept;
		ip saddr %s oifname != "%s" masquerade
	}
}
`, l.table(), l.Plan.Block, l.device())
}

func (l Link) deviceExists() (bool, error) {
	output, err := run("", "ip", "-json", "link", "show", "type", "veth")
	if err != nil {
		return false, err
	}
	var rows []struct{ Ifname string }
	if len(output) == 0 {
		return false, nil
	}
	if err := json.Unmarshal(output, &rows); err != nil {
		return false, fmt.Errorf("ip link: %w", err)
	}
	for _, row := range rows {
		if row.Ifname == l.device() {
			return true, nil
		}
	}
	return false, nil
}

// run runs a command to its end; what it printed goes into the error.
func run(input string, arguments ...string) ([]byte, error) {
	command := exec.Command(arguments[0], arguments[1:]...)
	command.Stdin = strings.NewReader(input)
	var said strings.Builder
	command.Stderr = &said
	output, err := command.Output()
	if err != nil {
		return nil, fmt.Errorf("%s: %w: %s", strings.Join(arguments, " "), err, strings.TrimSpace(said.String()))
	}
	return output, nil
}
