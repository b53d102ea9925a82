package host

import (
	"net/netip"
	"os"
	"strings"
)

// resolverFiles are asked in this order: systemd-resolved keeps its real upstreams in the first, while the second then
// names its own address on loopback, which a node cannot reach.
var resolverFiles = []string{"/run/systemd/resolve/resolv.conf", "/etc/resolv.conf"}

// NameServers returns the host's name servers that can be reached from another network namespace; none if all are on
// loopback.
func NameServers() []netip.Addr {
	for _, file := range resolverFiles {
		content, err := os.ReadFile(file)
		if err != nil {
			continue
		}
		if servers := parseNameServers(string(content)); len(servers) > 0 {
			return servers
		}
	}
	return nil
}

func parseNameServers(content string) []netip.Addr {
	var servers []netip.Addr
	for line := range strings.Lines(content) {
		fields := strings.Fields(line)
		if len(fields) < 2 || fields[0] != "nameserver" {
			continue
		}
		// The node has IPv4 only.
		if address, err := netip.ParseAddr(fields[1]); err == nil && address.Is4() && !address.IsLoopback() {
			servers = append(servers, address)
		}
	}
	return servers
}
