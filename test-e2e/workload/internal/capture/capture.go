// Package capture reads what two pods say to each other off the node's network devices, as an eavesdropper would.
package capture

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net/netip"
	"os"
	"sort"
	"syscall"
	"time"
)

// The bounds of one capture.
const (
	maxFlows        = 10_000
	maxBytesPerFlow = 64 << 10
	pollInterval    = 100 * time.Millisecond
)

// Flow is one direction of a TCP connection.
type Flow struct {
	Source      string `json:"source"`
	Destination string `json:"destination"`
	// Bytes is what was carried, in base64, at most 64 KiB; without what was captured twice or came out of order.
	Bytes string `json:"bytes"`
}

// Run captures TCP payloads to and from -address for -duration on every device of this network namespace and prints
// [Flow] as JSON. It needs CAP_NET_RAW.
func Run(ctx context.Context, arguments []string) error {
	var (
		address  string
		duration time.Duration
	)
	flags := flag.NewFlagSet("capture", flag.ContinueOnError)
	flags.StringVar(&address, "address", "", "IPv4 address of a pod")
	flags.DurationVar(&duration, "duration", 5*time.Second, "how long")
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	wanted, err := netip.ParseAddr(address)
	if err != nil || !wanted.Is4() {
		return fmt.Errorf("address: %q (expected: an IPv4 address)", address)
	}
	ctx, cancel := context.WithTimeout(ctx, duration)
	defer cancel()
	flows, err := collect(ctx, wanted)
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(flows)
}

func collect(ctx context.Context, wanted netip.Addr) ([]Flow, error) {
	// SOCK_DGRAM: the kernel takes the link header off, whatever the device. ETH_P_ALL: a tap for IP alone comes after the bridge, which
	// keeps what one pod says to another.
	socket, err := syscall.Socket(syscall.AF_PACKET, syscall.SOCK_DGRAM, int(hostToNetwork(syscall.ETH_P_ALL)))
	if err != nil {
		return nil, fmt.Errorf("packet socket: %w", err)
	}
	defer syscall.Close(socket)
	timeout := syscall.NsecToTimeval(pollInterval.Nanoseconds())
	if err := syscall.SetsockoptTimeval(socket, syscall.SOL_SOCKET, syscall.SO_RCVTIMEO, &timeout); err != nil {
		return nil, fmt.Errorf("receive timeout: %w", err)
	}

	streams := map[[2]netip.AddrPort]*stream{}
	buffer := make([]byte, 1<<17)
	for ctx.Err() == nil {
		n, _, err := syscall.Recvfrom(socket, buffer, 0)
		if errors.Is(err, syscall.EAGAIN) || errors.Is(err, syscall.EINTR) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("receiving: %w", err)
		}
		segment, ok := parse(buffer[:n])
		if !ok || (segment.source.Addr() != wanted && segment.destination.Addr() != wanted) {
			continue
		}
		key := [2]netip.AddrPort{segment.source, segment.destination}
		s, known := streams[key]
		if !known {
			if len(streams) >= maxFlows {
				continue
			}
			s = &stream{}
			streams[key] = s
		}
		s.add(segment)
	}
	return flows(streams), nil
}

func flows(streams map[[2]netip.AddrPort]*stream) []Flow {
	result := make([]Flow, 0, len(streams))
	for key, s := range streams {
		if len(s.bytes) > 0 {
			result = append(result, Flow{key[0].String(), key[1].String(), base64.StdEncoding.EncodeToString(s.bytes)})
		}
	}
	sort.Slice(result, func(i, j int) bool {
		return result[i].Source+result[i].Destination < result[j].Source+result[j].Destination
	})
	return result
}

// stream puts segments in a row. A packet crosses several devices of the node, so each is seen more than once.
type stream struct {
	started bool
	next    uint32
	bytes   []byte
}

func (s *stream) add(segment segment) {
	if segment.syn {
		s.started, s.next, s.bytes = true, segment.sequence+1, nil
		return
	}
	if len(segment.payload) == 0 {
		return
	}
	if !s.started {
		s.started, s.next = true, segment.sequence
	}
	if segment.sequence != s.next || len(s.bytes) >= maxBytesPerFlow {
		return
	}
	s.next += uint32(len(segment.payload))
	s.bytes = append(s.bytes, segment.payload...)
}

type segment struct {
	source, destination netip.AddrPort
	sequence            uint32
	syn                 bool
	payload             []byte
}

// parse reads an IPv4 packet that holds TCP (RFC 791 section 3.1, RFC 9293 section 3.1).
func parse(packet []byte) (segment, bool) {
	const tcp, minimalHeader = 6, 20
	if len(packet) < minimalHeader || packet[0]>>4 != 4 || packet[9] != tcp {
		return segment{}, false
	}
	header, total := int(packet[0]&0xf)*4, int(binary.BigEndian.Uint16(packet[2:]))
	if total > len(packet) || header < minimalHeader || header+minimalHeader > total {
		return segment{}, false
	}
	transport := packet[header:total]
	offset := int(transport[12]>>4) * 4
	if offset < minimalHeader || offset > len(transport) {
		return segment{}, false
	}
	source, _ := netip.AddrFromSlice(packet[12:16])
	destination, _ := netip.AddrFromSlice(packet[16:20])
	return segment{
		source:      netip.AddrPortFrom(source, binary.BigEndian.Uint16(transport)),
		destination: netip.AddrPortFrom(destination, binary.BigEndian.Uint16(transport[2:])),
		sequence:    binary.BigEndian.Uint32(transport[4:]),
		syn:         transport[13]&0x02 != 0,
		payload:     transport[offset:],
	}, true
}

func hostToNetwork(value uint16) uint16 {
	return binary.NativeEndian.Uint16(binary.BigEndian.AppendUint16(nil, value))
}
