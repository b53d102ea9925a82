package controlplane

import (
	"fmt"
	"net/netip"
)

// sequenceAddress is an address that tells a sequence number: of 10.128.0.0/9, where no other endpoint is.
func sequenceAddress(sequence uint32) string {
	return fmt.Sprintf("10.%d.%d.%d", 128|sequence>>16&127, sequence>>8&255, sequence&255)
}

// addressSequence is what sequenceAddress was made of, or 0 for any other address.
func addressSequence(address string) uint32 {
	parsed, err := netip.ParseAddr(address)
	if err != nil || !parsed.Is4() {
		return 0
	}
	bytes := parsed.As4()
	if bytes[0] != 10 || bytes[1] < 128 {
		return 0
	}
	return uint32(bytes[1]&127)<<16 | uint32(bytes[2])<<8 | uint32(bytes[3])
}
