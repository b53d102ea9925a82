package load

import (
	"slices"
	"sync"
	"time"
)

// The bounds of what a run keeps besides its samples.
const (
	maxEvents        = 50_000
	maxErrorMessages = 1_000
)

type sample struct {
	sent, answered int64 // microseconds since the epoch
	latency        time.Duration
	version        string
	failure        string
	retries        int
	status         int
}

// recorder keeps what happened in the order in which answers came.
type recorder struct {
	limit int

	mutex     sync.Mutex
	samples   []sample
	dropped   int
	events    []Event
	lastByKey string
	errors    map[string]*ErrorCount
	lost      int
}

func newRecorder(limit int) *recorder {
	return &recorder{limit: limit, errors: map[string]*ErrorCount{}}
}

func (r *recorder) add(s sample) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if len(r.samples) < r.limit {
		r.samples = append(r.samples, s)
	} else {
		r.dropped++
	}
	if s.failure != "" {
		r.addError(s)
	}
	if key := s.version + "\x00" + s.failure; key != r.lastByKey || len(r.events) == 0 {
		r.lastByKey = key
		if len(r.events) < maxEvents {
			r.events = append(r.events, Event{Sent: s.sent, Answered: s.answered, Version: s.version, Error: s.failure})
		} else {
			r.lost++
		}
	}
}

func (r *recorder) addError(s sample) {
	count, known := r.errors[s.failure]
	if !known {
		if len(r.errors) >= maxErrorMessages {
			r.lost++
			return
		}
		count = &ErrorCount{Message: s.failure, First: s.sent}
		r.errors[s.failure] = count
	}
	count.Count++
	count.Last = s.sent
}

// Event is a request that was answered otherwise than the one before it: by another version, or by an error.
type Event struct {
	// Sent and Answered in microseconds since the epoch.
	Sent     int64  `json:"sent"`
	Answered int64  `json:"answered"`
	Version  string `json:"version,omitempty"`
	Error    string `json:"error,omitempty"`
}

// ErrorCount is one kind of failure.
type ErrorCount struct {
	Message string `json:"message"`
	Count   int    `json:"count"`
	// First and Last were sent then, in microseconds since the epoch.
	First int64 `json:"first"`
	Last  int64 `json:"last"`
}

// Report is what a run has seen so far.
type Report struct {
	Running  bool           `json:"running"`
	Started  int64          `json:"started"`
	Requests int            `json:"requests"`
	Failures int            `json:"failures"`
	Retries  int            `json:"retries"`
	Versions map[string]int `json:"versions"`
	Statuses map[int]int    `json:"statuses"`
	Errors   []ErrorCount   `json:"errors"`
	Latency  Latency        `json:"latencyMicroseconds"`
	// Unrecorded is how many samples, events or error messages went over the bounds of what is kept.
	Unrecorded int `json:"unrecorded"`
}

// Latency of the successful requests, in microseconds, from when they were due.
type Latency struct {
	P50  int64 `json:"p50"`
	P90  int64 `json:"p90"`
	P99  int64 `json:"p99"`
	P999 int64 `json:"p999"`
	Max  int64 `json:"max"`
}

// report counts the samples sent within [since, until) in microseconds since the epoch; 0 is open.
func (r *recorder) report(since, until int64) Report {
	r.mutex.Lock()
	samples := r.samples
	report := Report{Versions: map[string]int{}, Statuses: map[int]int{}, Errors: []ErrorCount{}, Unrecorded: r.dropped + r.lost}
	for _, count := range r.errors {
		report.Errors = append(report.Errors, *count)
	}
	r.mutex.Unlock()
	slices.SortFunc(report.Errors, func(a, b ErrorCount) int { return int(a.First - b.First) })

	var latencies []time.Duration
	for _, s := range samples {
		if s.sent < since || (until > 0 && s.sent >= until) {
			continue
		}
		report.Requests++
		report.Retries += s.retries
		report.Statuses[s.status]++
		if s.failure != "" {
			report.Failures++
			continue
		}
		report.Versions[s.version]++
		latencies = append(latencies, s.latency)
	}
	report.Latency = percentiles(latencies)
	return report
}

func percentiles(latencies []time.Duration) Latency {
	if len(latencies) == 0 {
		return Latency{}
	}
	slices.Sort(latencies)
	at := func(quantile float64) int64 {
		return latencies[min(int(quantile*float64(len(latencies))), len(latencies)-1)].Microseconds()
	}
	return Latency{at(0.5), at(0.9), at(0.99), at(0.999), at(1)}
}

// Bucket is what was answered within one slice of time.
type Bucket struct {
	// Start in microseconds since the epoch.
	Start    int64          `json:"start"`
	Versions map[string]int `json:"versions"`
	Failures int            `json:"failures"`
}

// series groups the samples by when they were sent.
func (r *recorder) series(width time.Duration) []Bucket {
	r.mutex.Lock()
	samples := r.samples
	r.mutex.Unlock()
	byStart := map[int64]*Bucket{}
	for _, s := range samples {
		start := s.sent - s.sent%width.Microseconds()
		bucket, known := byStart[start]
		if !known {
			bucket = &Bucket{Start: start, Versions: map[string]int{}}
			byStart[start] = bucket
		}
		if s.failure != "" {
			bucket.Failures++
		} else {
			bucket.Versions[s.version]++
		}
	}
	buckets := make([]Bucket, 0, len(byStart))
	for _, bucket := range byStart {
		buckets = append(buckets, *bucket)
	}
	slices.SortFunc(buckets, func(a, b Bucket) int { return int(a.Start - b.Start) })
	return buckets
}

// eventsSince returns the events answered at or after since, in microseconds since the epoch: what was under way then may
// be the one that was answered otherwise.
func (r *recorder) eventsSince(since int64) []Event {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	events := []Event{}
	for _, event := range r.events {
		if event.Answered >= since {
			events = append(events, event)
		}
	}
	return events
}
