package controlplane

import (
	"sync"
	"sync/atomic"
	"time"
)

// ledger knows which proxies a resource concerns, and which of them have acknowledged what was written.
type ledger struct {
	resources atomic.Int64 // that have come to all proxies

	lock        sync.Mutex
	subscribers map[reference]map[int]struct{} // by what they have subscribed to
	pending     map[reference]map[*writing]struct{}
}

// writing is a write that some proxies have yet to acknowledge.
type writing struct {
	what      reference
	sequence  uint32
	concerned int
	remaining map[int]struct{}
	done      chan time.Time // gets the moment at which the last one acknowledged it
}

func newLedger() *ledger {
	return &ledger{subscribers: map[reference]map[int]struct{}{}, pending: map[reference]map[*writing]struct{}{}}
}

func (l *ledger) subscribed(proxy int, what reference) {
	l.lock.Lock()
	defer l.lock.Unlock()
	if l.subscribers[what] == nil {
		l.subscribers[what] = map[int]struct{}{}
	}
	l.subscribers[what][proxy] = struct{}{}
}

// expect is to be called before the write.
func (l *ledger) expect(what reference, sequence uint32) *writing {
	l.lock.Lock()
	defer l.lock.Unlock()
	expected := &writing{what, sequence, len(l.subscribers[what]), map[int]struct{}{}, make(chan time.Time, 1)}
	for proxy := range l.subscribers[what] {
		expected.remaining[proxy] = struct{}{}
	}
	if l.pending[what] == nil {
		l.pending[what] = map[*writing]struct{}{}
	}
	l.pending[what][expected] = struct{}{}
	return expected
}

// acknowledged notes that a proxy has something in a state not older than a write; a later one of the same object counts too.
func (l *ledger) acknowledged(proxy int, what reference, sequence uint32) {
	now := time.Now()
	l.lock.Lock()
	defer l.lock.Unlock()
	for expected := range l.pending[what] {
		if sequence < expected.sequence {
			continue
		}
		delete(expected.remaining, proxy)
		if len(expected.remaining) == 0 {
			delete(l.pending[what], expected)
			expected.done <- now
		}
	}
}
