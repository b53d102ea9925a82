package stream

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"strconv"
	"sync"
)

const maxStreams = 100

// API answers:
//
//	POST /streams            a Specification -> {"id": "1"}
//	GET  /streams/ID         the Report
//	POST /streams/ID/stop    ends it -> the Report of what became of it until then
type API struct {
	ctx context.Context
	mux *http.ServeMux

	mutex   sync.Mutex
	streams map[string]*Stream
	last    int
}

// NewAPI has no streams yet; those opened end with ctx.
func NewAPI(ctx context.Context) *API {
	a := &API{ctx: ctx, mux: http.NewServeMux(), streams: map[string]*Stream{}}
	a.mux.HandleFunc("POST /streams", a.open)
	a.mux.HandleFunc("GET /streams/{id}", func(w http.ResponseWriter, r *http.Request) {
		a.answer(w, r, func(_ string, stream *Stream) Report { return stream.Report() })
	})
	a.mux.HandleFunc("POST /streams/{id}/stop", func(w http.ResponseWriter, r *http.Request) {
		a.answer(w, r, a.stop)
	})
	return a
}

func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) { a.mux.ServeHTTP(w, r) }

func (a *API) open(w http.ResponseWriter, r *http.Request) {
	var specification Specification
	decoder := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<20))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&specification); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	a.mutex.Lock()
	defer a.mutex.Unlock()
	if len(a.streams) >= maxStreams {
		http.Error(w, fmt.Sprintf("%d streams go on already", maxStreams), http.StatusTooManyRequests)
		return
	}
	stream, err := Open(a.ctx, specification)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	a.last++
	id := strconv.Itoa(a.last)
	a.streams[id] = stream
	write(w, map[string]string{"id": id})
}

// stop forgets the stream, too.
func (a *API) stop(id string, stream *Stream) Report {
	a.mutex.Lock()
	delete(a.streams, id)
	a.mutex.Unlock()
	return stream.Stop()
}

func (a *API) answer(w http.ResponseWriter, r *http.Request, report func(id string, stream *Stream) Report) {
	id := r.PathValue("id")
	a.mutex.Lock()
	stream, known := a.streams[id]
	a.mutex.Unlock()
	if !known {
		http.Error(w, "no such stream: "+id, http.StatusNotFound)
		return
	}
	write(w, report(id, stream))
}

func write(w http.ResponseWriter, value any) {
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(value); err != nil {
		log.Printf("answering: %v", err)
	}
}
