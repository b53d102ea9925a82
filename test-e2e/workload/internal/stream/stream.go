// Package stream keeps streams open and tells of each whether it still carries data in both directions.
package stream

import (
	"context"
	"fmt"
	"net/url"
	"strconv"
	"sync"
	"time"
)

// interval is between an echo and the next line, so that a stream is neither idle nor a load.
const interval = 10 * time.Millisecond

// Specification is what to open.
type Specification struct {
	URL      string   `json:"target"`
	Protocol Protocol `json:"protocol"`
}

// Report is what became of a stream so far.
type Report struct {
	// Echoed is how many lines went there and came back, one after the other.
	Echoed int `json:"echoed"`
	// Error is why it could not be opened or has ended by itself; empty while it is open.
	Error string `json:"error,omitempty"`
}

// Stream says one line after the other to a server that echoes, until something breaks it.
type Stream struct {
	stop  context.CancelFunc
	ended chan struct{}

	mutex  sync.Mutex
	report Report
}

// Open begins a stream; it goes on until parent's end, Stop or a failure, which the report tells.
func Open(parent context.Context, specification Specification) (*Stream, error) {
	target, err := url.Parse(specification.URL)
	if err != nil {
		return nil, fmt.Errorf("target: %w", err)
	}
	if target.Host == "" {
		return nil, fmt.Errorf("target: %s (expected: a URL with a host)", specification.URL)
	}
	ctx, stop := context.WithCancel(parent)
	stream := &Stream{stop: stop, ended: make(chan struct{})}
	go stream.run(ctx, specification.Protocol, target)
	return stream, nil
}

// Done is closed once it has ended, by itself or by Stop.
func (s *Stream) Done() <-chan struct{} { return s.ended }

// Report tells what became of it so far.
func (s *Stream) Report() Report {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.report
}

// Stop ends it and tells what became of it until then.
func (s *Stream) Stop() Report {
	report := s.Report()
	s.stop()
	<-s.ended
	return report
}

func (s *Stream) run(ctx context.Context, protocol Protocol, target *url.URL) {
	defer close(s.ended)
	defer s.stop()
	if err := s.converse(ctx, protocol, target); err != nil {
		s.mutex.Lock()
		s.report.Error = err.Error()
		s.mutex.Unlock()
	}
}

func (s *Stream) converse(ctx context.Context, protocol Protocol, target *url.URL) error {
	conversation, err := open(ctx, protocol, target)
	if err != nil {
		return err
	}
	defer conversation.Close()
	// An exchange waits for as long as it takes; this is what ends it.
	defer context.AfterFunc(ctx, func() { conversation.Close() })()
	for number := 1; ; number++ {
		text := strconv.Itoa(number)
		answer, err := conversation.exchange(text)
		if err != nil {
			return err
		}
		if answer != text {
			return fmt.Errorf("echo: %q (expected: %q)", answer, text)
		}
		s.mutex.Lock()
		s.report.Echoed = number
		s.mutex.Unlock()
		select {
		case <-time.After(interval):
		case <-ctx.Done():
			return nil
		}
	}
}
