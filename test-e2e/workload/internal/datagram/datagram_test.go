package datagram

import (
	"context"
	"net"
	"testing"
	"time"
)

func TestADatagramIsAnswered(t *testing.T) {
	connection, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- serve(ctx, connection, "v7") }()

	answer, err := ask(t.Context(), connection.LocalAddr().String(), "hello")
	if err != nil || answer != "v7 hello" {
		t.Errorf("answer: %q, %v (expected: v7 hello)", answer, err)
	}
	stop()
	if err := <-ended; err != nil {
		t.Errorf("end: %v (expected: none)", err)
	}
}

func TestAskGivesUp(t *testing.T) {
	silent, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { silent.Close() })
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	t.Cleanup(cancel)
	if answer, err := ask(ctx, silent.LocalAddr().String(), "hello"); err == nil {
		t.Errorf("answer of nobody: %q", answer)
	}
}
