package load

import (
	"context"
	"fmt"
	"sync"
	"time"

	"heddle.dev/workload/internal/client"
)

// The bounds of one run.
const (
	maxRate        = 20_000
	maxConnections = 1_000
	maxSamples     = 2_000_000
)

// Specification is what a run does.
type Specification struct {
	client.Target
	// Rate in requests per second, at fixed times whatever the answers do. 0: each connection sends its next request
	// Interval after the last answer.
	Rate     float64  `json:"rate"`
	Interval Duration `json:"interval"`
	// Connections is how many clients share the requests, each with its own connection; 1 by default.
	Connections int `json:"connections"`
	// Timeout of one request; 5 s by default.
	Timeout Duration `json:"timeout"`
	// Duration of the run and Requests of it: whichever is reached first ends it. 0: until stopped.
	Duration Duration `json:"duration"`
	Requests int      `json:"requests"`
}

func (s Specification) withDefaults() (Specification, error) {
	if s.Connections == 0 {
		s.Connections = 1
	}
	if s.Timeout == 0 {
		s.Timeout = Duration(5 * time.Second)
	}
	switch {
	case s.Rate < 0 || s.Rate > maxRate:
		return s, fmt.Errorf("rate: %v (expected: 0-%d)", s.Rate, maxRate)
	case s.Connections < 0 || s.Connections > maxConnections:
		return s, fmt.Errorf("connections: %d (expected: 1-%d)", s.Connections, maxConnections)
	case s.Timeout < 0:
		return s, fmt.Errorf("timeout: %s (expected: > 0)", s.Timeout)
	case s.Duration < 0 || s.Interval < 0 || s.Requests < 0:
		return s, fmt.Errorf("duration: %s, interval: %s, requests: %d (expected: >= 0)", s.Duration, s.Interval, s.Requests)
	}
	return s, nil
}

// Run is one load test, running or ended.
type Run struct {
	specification Specification
	started       time.Time
	stop          context.CancelFunc
	ended         chan struct{}
	recorder      *recorder
	clients       []client.Client
}

// Start begins a run; it goes on until the specification's end, parent's end or Stop.
func Start(parent context.Context, specification Specification) (*Run, error) {
	specification, err := specification.withDefaults()
	if err != nil {
		return nil, err
	}
	run := &Run{specification: specification, started: time.Now(), ended: make(chan struct{}), recorder: newRecorder(maxSamples)}
	for range specification.Connections {
		c, err := client.New(specification.Target)
		if err != nil {
			return nil, err
		}
		run.clients = append(run.clients, c)
	}
	ctx, stop := context.WithCancel(parent)
	run.stop = stop
	if specification.Duration > 0 {
		timer := time.AfterFunc(time.Until(run.started.Add(time.Duration(specification.Duration))), stop)
		context.AfterFunc(ctx, func() { timer.Stop() })
	}
	go run.loop(ctx)
	return run, nil
}

// Stop sends no more requests and waits for those in flight.
func (r *Run) Stop() {
	r.stop()
	<-r.ended
}

// Wait returns when the run has ended by itself or by Stop.
func (r *Run) Wait() { <-r.ended }

// Done is closed once nothing is in flight any more.
func (r *Run) Done() <-chan struct{} { return r.ended }

func (r *Run) loop(ctx context.Context) {
	defer close(r.ended)
	defer r.stop()
	tickets := make(chan time.Time)
	var workers sync.WaitGroup
	for _, c := range r.clients {
		workers.Add(1)
		go func() {
			defer workers.Done()
			defer c.Close()
			for due := range tickets {
				r.request(c, due)
				if r.specification.Rate == 0 {
					sleep(ctx, time.Duration(r.specification.Interval))
				}
			}
		}()
	}
	r.schedule(ctx, tickets)
	close(tickets)
	workers.Wait()
}

// schedule hands out the times at which requests are due. One that finds every connection busy is sent late; its latency
// counts from when it was due, so that a stall shows in all the requests that it held up.
func (r *Run) schedule(ctx context.Context, tickets chan<- time.Time) {
	for n := 0; r.specification.Requests == 0 || n < r.specification.Requests; n++ {
		due := time.Now()
		if r.specification.Rate > 0 {
			due = r.started.Add(time.Duration(float64(n) / r.specification.Rate * float64(time.Second)))
			if !sleep(ctx, time.Until(due)) {
				return
			}
		} else {
			// Closed loop: the ticket is due when a connection takes it.
			due = time.Time{}
		}
		select {
		case tickets <- due:
		case <-ctx.Done():
			return
		}
	}
}

// request is not cut short by the end of the run: what was sent is waited for.
func (r *Run) request(c client.Client, due time.Time) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Duration(r.specification.Timeout))
	defer cancel()
	sent := time.Now()
	if due.IsZero() {
		due = sent
	}
	result, err := c.Do(ctx)
	answered := time.Now()
	r.recorder.add(sample{
		sent:     sent.UnixMicro(),
		answered: answered.UnixMicro(),
		latency:  answered.Sub(due),
		version:  result.Version,
		failure:  failure(result, err),
		retries:  result.Retries,
		status:   result.Status,
	})
}

func failure(result client.Result, err error) string {
	switch {
	case err != nil:
		return err.Error()
	case !result.OK():
		return fmt.Sprintf("status %d", result.Status)
	default:
		return ""
	}
}

// sleep returns false when ctx ended first.
func sleep(ctx context.Context, duration time.Duration) bool {
	if duration <= 0 {
		return ctx.Err() == nil
	}
	timer := time.NewTimer(duration)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
