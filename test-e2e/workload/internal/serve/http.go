package serve

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"golang.org/x/net/websocket"
)

// The bounds of what a caller may ask for.
const (
	maxBytes = 1 << 30
	maxDelay = 10 * time.Minute
)

// Answer is the body of every JSON answer.
type Answer struct {
	Identity
	Protocol string      `json:"protocol"`
	Method   string      `json:"method"`
	Path     string      `json:"path"`
	Host     string      `json:"host"`
	Remote   string      `json:"remote"`
	Headers  http.Header `json:"headers"`
}

// VersionHeader says on every answer which version gave it, whatever the body is.
const VersionHeader = "Workload-Version"

// Handler answers HTTP:
//
//	/             JSON: who answered, and the request as it arrived
//	/status/CODE  that status
//	/delay/TIME   as /, after a Go duration
//	/bytes/N      N bytes
//	/echo         the request's body, streamed
//	/ws           WebSocket echo
func Handler(identity Identity) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { answer(w, r, identity, http.StatusOK) })
	mux.HandleFunc("/status/{code}", func(w http.ResponseWriter, r *http.Request) {
		code, err := strconv.Atoi(r.PathValue("code"))
		if err != nil || code < 200 || code > 599 {
			http.Error(w, fmt.Sprintf("code: %s (expected: 200-599)", r.PathValue("code")), http.StatusBadRequest)
			return
		}
		answer(w, r, identity, code)
	})
	mux.HandleFunc("/delay/{time}", func(w http.ResponseWriter, r *http.Request) {
		delay, err := time.ParseDuration(r.PathValue("time"))
		if err != nil || delay < 0 || delay > maxDelay {
			http.Error(w, fmt.Sprintf("time: %s (expected: 0s-%s)", r.PathValue("time"), maxDelay), http.StatusBadRequest)
			return
		}
		select {
		case <-time.After(delay):
			answer(w, r, identity, http.StatusOK)
		case <-r.Context().Done():
		}
	})
	mux.HandleFunc("/bytes/{n}", func(w http.ResponseWriter, r *http.Request) {
		n, err := strconv.ParseInt(r.PathValue("n"), 10, 64)
		if err != nil || n < 0 || n > maxBytes {
			http.Error(w, fmt.Sprintf("n: %s (expected: 0-%d)", r.PathValue("n"), maxBytes), http.StatusBadRequest)
			return
		}
		w.Header().Set("Content-Length", strconv.FormatInt(n, 10))
		w.Header().Set("Content-Type", "application/octet-stream")
		// A failed copy is the client going away; net/http ends the connection.
		_, _ = io.CopyN(w, zeros{}, n)
	})
	mux.HandleFunc("/echo", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", r.Header.Get("Content-Type"))
		controller := http.NewResponseController(w)
		// On HTTP/1.1 an answer may start before the request's body has ended only when asked for.
		if err := controller.EnableFullDuplex(); err != nil && r.ProtoMajor == 1 {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		if _, err := io.Copy(flushing{w, controller}, r.Body); err != nil {
			panic(http.ErrAbortHandler)
		}
	})
	mux.Handle("/ws", websocket.Server{Handler: func(c *websocket.Conn) {
		defer c.Close()
		_, _ = io.Copy(c, c)
	}})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set(VersionHeader, identity.Version)
		mux.ServeHTTP(w, r)
	})
}

func answer(w http.ResponseWriter, r *http.Request, identity Identity, status int) {
	body, err := json.Marshal(Answer{identity, r.Proto, r.Method, r.URL.RequestURI(), r.Host, r.RemoteAddr, r.Header})
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	if status == http.StatusNoContent || status == http.StatusNotModified {
		w.WriteHeader(status)
		return
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(body)+1))
	w.WriteHeader(status)
	// A failed write is the client going away; net/http ends the connection.
	_, _ = w.Write(append(body, '\n'))
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

type flushing struct {
	io.Writer
	controller *http.ResponseController
}

func (f flushing) Write(p []byte) (int, error) {
	n, err := f.Writer.Write(p)
	if err == nil {
		err = f.controller.Flush()
	}
	return n, err
}
