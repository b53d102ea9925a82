package capture

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"io"
	"net"
	"net/netip"
	"syscall"
	"testing"
	"time"
)

func TestSeesWhatALoopbackConnectionCarries(t *testing.T) {
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	go func() {
		connection, err := listener.Accept()
		if err != nil {
			return
		}
		defer connection.Close()
		io.Copy(connection, connection)
	}()

	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	type result struct {
		flows []Flow
		err   error
	}
	captured := make(chan result, 1)
	go func() {
		flows, err := collect(ctx, netip.MustParseAddr("127.0.0.1"))
		captured <- result{flows, err}
	}()

	connection, err := net.Dial("tcp4", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close()
	for ctx.Err() == nil {
		if _, err := connection.Write([]byte("heddle")); err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadFull(connection, make([]byte, 6)); err != nil {
			t.Fatal(err)
		}
	}

	got := <-captured
	if errors.Is(got.err, syscall.EPERM) {
		t.Skip("needs CAP_NET_RAW")
	}
	if got.err != nil {
		t.Fatal(got.err)
	}
	for _, flow := range got.flows {
		carried, err := base64.StdEncoding.DecodeString(flow.Bytes)
		if err != nil {
			t.Fatal(err)
		}
		if flow.Destination == listener.Addr().String() && bytes.Contains(carried, []byte("heddleheddle")) {
			return
		}
	}
	t.Errorf("flows: %v (expected: one to %s that carries heddleheddle)", got.flows, listener.Addr())
}

func TestRefusesWhatIsNoTCPOverIPv4(t *testing.T) {
	for name, packet := range map[string][]byte{
		"empty": nil, "short": make([]byte, 10), "IPv6": append([]byte{0x60}, make([]byte, 60)...),
		"header longer than packet": append([]byte{0x4f, 0, 0, 20, 0, 0, 0, 0, 0, 6}, make([]byte, 10)...),
	} {
		if _, ok := parse(packet); ok {
			t.Errorf("%s: parsed (expected: refused)", name)
		}
	}
}
