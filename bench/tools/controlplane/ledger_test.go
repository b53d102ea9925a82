package controlplane

import (
	"testing"

	"github.com/envoyproxy/go-control-plane/pkg/resource/v3"
)

var what = reference{resource.RouteType, "outbound/shop-1/service-2:8080"}

func TestAWriteIsDoneOnceEveryProxyConcernedHasAcknowledgedIt(t *testing.T) {
	l := newLedger()
	l.subscribed(1, what)
	l.subscribed(2, what)
	l.subscribed(3, reference{resource.RouteType, "another"})

	expected := l.expect(what, 7)
	if expected.concerned != 2 {
		t.Fatalf("concerned: %d (expected: 2)", expected.concerned)
	}
	l.acknowledged(1, what, 7)
	l.acknowledged(1, what, 7)
	l.acknowledged(2, what, 6)
	l.acknowledged(3, what, 7)
	select {
	case <-expected.done:
		t.Fatal("done before proxy 2 had acknowledged it")
	default:
	}
	l.acknowledged(2, what, 7)
	if (<-expected.done).IsZero() {
		t.Error("done at no time")
	}
	if len(l.pending[what]) != 0 {
		t.Errorf("pending: %d (expected: none)", len(l.pending[what]))
	}
}

func TestALaterStateAcknowledgesEarlierWritesToo(t *testing.T) {
	l := newLedger()
	l.subscribed(1, what)
	first, second := l.expect(what, 7), l.expect(what, 8)

	l.acknowledged(1, what, 8)

	<-first.done
	<-second.done
}
