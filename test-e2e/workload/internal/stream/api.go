package stream

import (
	"context"
	"net/http"

	"heddle.dev/workload/internal/task"
)

const maxStreams = 100

// NewAPI answers:
//
//	POST /streams            a Specification -> {"id": "1"}
//	GET  /streams/ID         the Report
//	POST /streams/ID/stop    ends and forgets it -> the Report of what became of it until then
//
// It has no streams yet; those opened end with ctx.
func NewAPI(ctx context.Context) http.Handler {
	streams := task.NewRegistry("stream", maxStreams, func(specification Specification) (*Stream, error) {
		return Open(ctx, specification)
	})
	mux := http.NewServeMux()
	mux.HandleFunc("POST /streams", streams.Start)
	mux.HandleFunc("GET /streams/{id}", streams.With(func(w http.ResponseWriter, _ *http.Request, stream *Stream) {
		task.Write(w, stream.Report())
	}))
	mux.HandleFunc("POST /streams/{id}/stop", streams.Take(func(w http.ResponseWriter, _ *http.Request, stream *Stream) {
		task.Write(w, stream.Stop())
	}))
	return mux
}
