// Package task serves what goes on in the background, by id, until it ends by itself or is stopped.
package task

import (
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"strconv"
	"sync"
)

const maxSpecification = 1 << 20

// Task goes on in the background.
type Task interface {
	// Done is closed once it has ended, of itself or because it was stopped.
	Done() <-chan struct{}
}

// Running is whether a task has not ended yet.
func Running(task Task) bool {
	select {
	case <-task.Done():
		return false
	default:
		return true
	}
}

// Registry knows the tasks of a kind, so many at most: for another one it forgets the oldest of those that have ended.
type Registry[S any, T Task] struct {
	kind  string
	most  int
	start func(S) (T, error)

	mutex sync.Mutex
	tasks map[string]T
	last  int
}

// NewRegistry knows no tasks yet; start makes one of what the body of a request specifies.
func NewRegistry[S any, T Task](kind string, most int, start func(S) (T, error)) *Registry[S, T] {
	return &Registry[S, T]{kind: kind, most: most, start: start, tasks: map[string]T{}}
}

// Start answers with the id of the task that it starts: {"id": "1"}.
func (g *Registry[S, T]) Start(w http.ResponseWriter, r *http.Request) {
	var specification S
	decoder := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxSpecification))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&specification); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	g.mutex.Lock()
	defer g.mutex.Unlock()
	if len(g.tasks) >= g.most && !g.forgetOldest() {
		http.Error(w, fmt.Sprintf("%d %ss go on already", g.most, g.kind), http.StatusTooManyRequests)
		return
	}
	task, err := g.start(specification)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	g.last++
	id := strconv.Itoa(g.last)
	g.tasks[id] = task
	Write(w, map[string]string{"id": id})
}

// With lets handle answer about the task that the path names as {id}.
func (g *Registry[S, T]) With(handle func(http.ResponseWriter, *http.Request, T)) http.HandlerFunc {
	return g.about(handle, false)
}

// Take is With for a task that nobody will ask for again: it is forgotten.
func (g *Registry[S, T]) Take(handle func(http.ResponseWriter, *http.Request, T)) http.HandlerFunc {
	return g.about(handle, true)
}

func (g *Registry[S, T]) about(handle func(http.ResponseWriter, *http.Request, T), forget bool) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		id := r.PathValue("id")
		g.mutex.Lock()
		task, known := g.tasks[id]
		if forget {
			delete(g.tasks, id)
		}
		g.mutex.Unlock()
		if !known {
			http.Error(w, fmt.Sprintf("no such %s: %s", g.kind, id), http.StatusNotFound)
			return
		}
		handle(w, r, task)
	}
}

// forgetOldest drops the task that began first of those that have ended; false if none has.
func (g *Registry[S, T]) forgetOldest() bool {
	for number := 1; number <= g.last; number++ {
		id := strconv.Itoa(number)
		if task, kept := g.tasks[id]; kept && !Running(task) {
			delete(g.tasks, id)
			return true
		}
	}
	return false
}

// Write answers with a value as JSON.
func Write(w http.ResponseWriter, value any) {
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(value); err != nil {
		log.Printf("answering: %v", err)
	}
}
