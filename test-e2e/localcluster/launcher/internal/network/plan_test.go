package network

import (
	"net/netip"
	"testing"
)

func TestEveryPartOfAPlanLiesInItsBlockAndNoTwoOverlap(t *testing.T) {
	for slot := range Slots {
		plan, err := ForSlot(slot)
		if err != nil {
			t.Fatal(err)
		}
		parts := []netip.Prefix{plan.Pods, plan.Services, plan.Link}
		for i, part := range parts {
			if !plan.Block.Contains(part.Addr()) {
				t.Errorf("slot %d: %s is outside %s", slot, part, plan.Block)
			}
			for _, other := range parts[i+1:] {
				if part.Overlaps(other) {
					t.Errorf("slot %d: %s overlaps %s", slot, part, other)
				}
			}
		}
		for _, address := range []netip.Addr{plan.API, plan.DNS} {
			if !plan.Services.Contains(address) {
				t.Errorf("slot %d: %s is outside %s", slot, address, plan.Services)
			}
		}
	}
}

func TestFirstFreeSkipsTakenSlotsAndHostRoutes(t *testing.T) {
	routes := []netip.Prefix{netip.MustParsePrefix("0.0.0.0/0"), netip.MustParsePrefix("10.225.7.0/24")}
	plan, err := FirstFree(map[int]bool{0: true}, routes)
	if err != nil {
		t.Fatal(err)
	}
	if plan.Slot != 2 {
		t.Errorf("slot: %d (expected: 2, as 0 is taken and a route lies in 1)", plan.Slot)
	}
}

func TestFirstFreeSaysWhenNothingIsLeft(t *testing.T) {
	if plan, err := FirstFree(nil, []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}); err == nil {
		t.Errorf("got slot %d, expected an error", plan.Slot)
	}
}

func TestSlotOutOfRangeIsRefused(t *testing.T) {
	for _, slot := range []int{-1, Slots} {
		if _, err := ForSlot(slot); err == nil {
			t.Errorf("slot %d was accepted", slot)
		}
	}
}
