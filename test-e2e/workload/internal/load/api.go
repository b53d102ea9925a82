package load

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"strconv"
	"sync"
	"time"

	"heddle.dev/workload/internal/stream"
)

const (
	maxRuns       = 200
	defaultBucket = 100 * time.Millisecond
)

// API answers:
//
//	POST /start              a Specification -> {"id": "1"}
//	GET  /runs/ID            the Report; ?since= and ?until= narrow it (microseconds since the epoch)
//	POST /runs/ID/stop       waits for what is in flight -> the Report
//	GET  /runs/ID/events     [Event]; ?since=
//	GET  /runs/ID/series     [Bucket]; ?bucket=100ms
//	GET  /time               {"now": microseconds since the epoch}
//	GET  /healthz
//
// and what [stream.API] does.
type API struct {
	ctx context.Context
	mux *http.ServeMux

	mutex sync.Mutex
	runs  map[string]*Run
	last  int
}

// NewAPI has no runs and no streams yet; those started end with ctx.
func NewAPI(ctx context.Context) *API {
	a := &API{ctx: ctx, mux: http.NewServeMux(), runs: map[string]*Run{}}
	a.mux.HandleFunc("POST /start", a.start)
	a.mux.HandleFunc("GET /runs/{id}", a.withRun(report))
	a.mux.HandleFunc("POST /runs/{id}/stop", a.withRun(func(w http.ResponseWriter, r *http.Request, run *Run) {
		run.Stop()
		report(w, r, run)
	}))
	a.mux.HandleFunc("GET /runs/{id}/events", a.withRun(events))
	a.mux.HandleFunc("GET /runs/{id}/series", a.withRun(series))
	a.mux.HandleFunc("GET /time", func(w http.ResponseWriter, _ *http.Request) {
		write(w, map[string]int64{"now": time.Now().UnixMicro()})
	})
	streams := stream.NewAPI(ctx)
	a.mux.Handle("/streams", streams)
	a.mux.Handle("/streams/", streams)
	a.mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) })
	return a
}

func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) { a.mux.ServeHTTP(w, r) }

func (a *API) start(w http.ResponseWriter, r *http.Request) {
	var specification Specification
	decoder := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<20))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&specification); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	a.mutex.Lock()
	defer a.mutex.Unlock()
	if len(a.runs) >= maxRuns && !a.forgetOldest() {
		http.Error(w, fmt.Sprintf("%d runs go on already", maxRuns), http.StatusTooManyRequests)
		return
	}
	run, err := Start(a.ctx, specification)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	a.last++
	id := strconv.Itoa(a.last)
	a.runs[id] = run
	write(w, map[string]string{"id": id})
}

// forgetOldest drops the run that began first of those that have ended; false if none has.
func (a *API) forgetOldest() bool {
	for number := 1; number <= a.last; number++ {
		id := strconv.Itoa(number)
		if run, kept := a.runs[id]; kept && !run.running() {
			delete(a.runs, id)
			return true
		}
	}
	return false
}

func (a *API) withRun(handle func(http.ResponseWriter, *http.Request, *Run)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		a.mutex.Lock()
		run, known := a.runs[r.PathValue("id")]
		a.mutex.Unlock()
		if !known {
			http.Error(w, "no such run: "+r.PathValue("id"), http.StatusNotFound)
			return
		}
		handle(w, r, run)
	}
}

func report(w http.ResponseWriter, r *http.Request, run *Run) {
	since, err := microseconds(r, "since")
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	until, err := microseconds(r, "until")
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	report := run.recorder.report(since, until)
	report.Running = run.running()
	report.Started = run.started.UnixMicro()
	write(w, report)
}

func events(w http.ResponseWriter, r *http.Request, run *Run) {
	since, err := microseconds(r, "since")
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	write(w, run.recorder.eventsSince(since))
}

func series(w http.ResponseWriter, r *http.Request, run *Run) {
	width := defaultBucket
	if text := r.URL.Query().Get("bucket"); text != "" {
		parsed, err := time.ParseDuration(text)
		if err != nil || parsed < time.Millisecond {
			http.Error(w, fmt.Sprintf("bucket: %s (expected: a duration >= 1ms)", text), http.StatusBadRequest)
			return
		}
		width = parsed
	}
	write(w, run.recorder.series(width))
}

func microseconds(r *http.Request, name string) (int64, error) {
	text := r.URL.Query().Get(name)
	if text == "" {
		return 0, nil
	}
	value, err := strconv.ParseInt(text, 10, 64)
	if err != nil || value < 0 {
		return 0, fmt.Errorf("%s: %s (expected: microseconds since the epoch)", name, text)
	}
	return value, nil
}

func write(w http.ResponseWriter, value any) {
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(value); err != nil {
		log.Printf("answering: %v", err)
	}
}
