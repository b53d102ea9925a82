package load

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"heddle.dev/workload/internal/stream"
	"heddle.dev/workload/internal/task"
)

const (
	maxRuns       = 200
	defaultBucket = 100 * time.Millisecond
)

// NewAPI answers:
//
//	POST /start              a Specification -> {"id": "1"}
//	GET  /runs/ID            the Report; ?since= and ?until= narrow it (microseconds since the epoch)
//	POST /runs/ID/stop       waits for what is in flight -> the Report
//	GET  /runs/ID/events     [Event]; ?since=
//	GET  /runs/ID/series     [Bucket]; ?bucket=100ms
//	GET  /time               {"now": microseconds since the epoch}
//	GET  /healthz
//
// and what [stream.NewAPI] does. It has no runs and no streams yet; those started end with ctx.
func NewAPI(ctx context.Context) http.Handler {
	runs := task.NewRegistry("run", maxRuns, func(specification Specification) (*Run, error) {
		return Start(ctx, specification)
	})
	mux := http.NewServeMux()
	mux.HandleFunc("POST /start", runs.Start)
	mux.HandleFunc("GET /runs/{id}", runs.With(report))
	mux.HandleFunc("POST /runs/{id}/stop", runs.With(func(w http.ResponseWriter, r *http.Request, run *Run) {
		run.Stop()
		report(w, r, run)
	}))
	mux.HandleFunc("GET /runs/{id}/events", runs.With(events))
	mux.HandleFunc("GET /runs/{id}/series", runs.With(series))
	mux.HandleFunc("GET /time", func(w http.ResponseWriter, _ *http.Request) {
		task.Write(w, map[string]int64{"now": time.Now().UnixMicro()})
	})
	streams := stream.NewAPI(ctx)
	mux.Handle("/streams", streams)
	mux.Handle("/streams/", streams)
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) })
	return mux
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
	report.Running = task.Running(run)
	report.Started = run.started.UnixMicro()
	task.Write(w, report)
}

func events(w http.ResponseWriter, r *http.Request, run *Run) {
	since, err := microseconds(r, "since")
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	task.Write(w, run.recorder.eventsSince(since))
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
	task.Write(w, run.recorder.series(width))
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
