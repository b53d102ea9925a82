// Package network decides which addresses a cluster uses, so that several clusters and the host's own routes do not
// overlap. It only computes; package host and package node apply the result.
package network

import (
	"fmt"
	"net/netip"
)

// Slots is how many clusters one machine can run at a time.
const Slots = 16

const firstSecondOctet = 224

// Plan holds every address of one cluster. The cluster owns one /16 of 10.224.0.0/12: pods take its first quarter,
// Services the second; the link between host and node is at its middle.
type Plan struct {
	Slot     int          `json:"slot"`
	Block    netip.Prefix `json:"block"`
	Pods     netip.Prefix `json:"pods"`
	Services netip.Prefix `json:"services"`
	// Link is the point-to-point network between the host and the node's network namespace.
	Link netip.Prefix `json:"link"`
	Host netip.Addr   `json:"host"`
	Node netip.Addr   `json:"node"`
	// API is the address of the Service "kubernetes", DNS that of "kube-dns".
	API netip.Addr `json:"api"`
	DNS netip.Addr `json:"dns"`
}

// ForSlot returns the addresses of a slot, 0 <= slot < Slots.
func ForSlot(slot int) (Plan, error) {
	if slot < 0 || slot >= Slots {
		return Plan{}, fmt.Errorf("slot: %d (expected: 0 to %d)", slot, Slots-1)
	}
	at := func(third, fourth byte) netip.Addr {
		return netip.AddrFrom4([4]byte{10, byte(firstSecondOctet + slot), third, fourth})
	}
	return Plan{
		Slot:     slot,
		Block:    netip.PrefixFrom(at(0, 0), 16),
		Pods:     netip.PrefixFrom(at(0, 0), 18),
		Services: netip.PrefixFrom(at(64, 0), 18),
		Link:     netip.PrefixFrom(at(128, 0), 30),
		Host:     at(128, 1),
		Node:     at(128, 2),
		API:      at(64, 1),
		DNS:      at(64, 10),
	}, nil
}

// FirstFree returns the plan of the lowest slot that no other cluster holds and whose block overlaps none of the
// given routes.
func FirstFree(taken map[int]bool, routes []netip.Prefix) (Plan, error) {
	for slot := range Slots {
		plan, err := ForSlot(slot)
		if err != nil {
			return Plan{}, err
		}
		if !taken[slot] && !overlapsAny(plan.Block, routes) {
			return plan, nil
		}
	}
	return Plan{}, fmt.Errorf("no free network: all %d blocks of 10.224.0.0/12 are taken by clusters or host routes", Slots)
}

func overlapsAny(block netip.Prefix, routes []netip.Prefix) bool {
	for _, route := range routes {
		// The default route overlaps everything and forbids nothing.
		if route.Bits() > 0 && block.Overlaps(route) {
			return true
		}
	}
	return false
}
