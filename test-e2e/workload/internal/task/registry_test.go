package task

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

type fake struct {
	name string
	done chan struct{}
}

func (f *fake) Done() <-chan struct{} { return f.done }

func serve(most int) (http.Handler, *[]*fake) {
	var started []*fake
	fakes := NewRegistry("fake", most, func(specification struct{ Name string }) (*fake, error) {
		if specification.Name == "" {
			return nil, errors.New("name: empty (expected: a name)")
		}
		f := &fake{name: specification.Name, done: make(chan struct{})}
		started = append(started, f)
		return f, nil
	})
	mux := http.NewServeMux()
	mux.HandleFunc("POST /fakes", fakes.Start)
	mux.HandleFunc("GET /fakes/{id}", fakes.With(func(w http.ResponseWriter, _ *http.Request, f *fake) {
		Write(w, f.name)
	}))
	mux.HandleFunc("POST /fakes/{id}/stop", fakes.Take(func(w http.ResponseWriter, _ *http.Request, f *fake) {
		Write(w, f.name)
	}))
	return mux, &started
}

func ask(t *testing.T, handler http.Handler, method, path, body string, status int, answer string) {
	t.Helper()
	recorder := httptest.NewRecorder()
	handler.ServeHTTP(recorder, httptest.NewRequest(method, path, strings.NewReader(body)))
	if got := strings.TrimSpace(recorder.Body.String()); recorder.Code != status || !strings.Contains(got, answer) {
		t.Errorf("%s %s %s: %d %s (expected: %d %s)", method, path, body, recorder.Code, got, status, answer)
	}
}

func TestTasksAreKnownByTheirIds(t *testing.T) {
	handler, _ := serve(2)
	ask(t, handler, "POST", "/fakes", `{"name": "a"}`, 200, `{"id":"1"}`)
	ask(t, handler, "POST", "/fakes", `{"name": "b"}`, 200, `{"id":"2"}`)
	ask(t, handler, "GET", "/fakes/1", "", 200, `"a"`)
	ask(t, handler, "GET", "/fakes/2", "", 200, `"b"`)
	ask(t, handler, "GET", "/fakes/3", "", 404, "no such fake: 3")
}

func TestATaskThatIsTakenIsForgotten(t *testing.T) {
	handler, _ := serve(1)
	ask(t, handler, "POST", "/fakes", `{"name": "a"}`, 200, `{"id":"1"}`)
	ask(t, handler, "POST", "/fakes/1/stop", "", 200, `"a"`)
	ask(t, handler, "GET", "/fakes/1", "", 404, "no such fake: 1")
	ask(t, handler, "POST", "/fakes", `{"name": "b"}`, 200, `{"id":"2"}`)
}

func TestWhatCannotBeStartedIsRefusedWithTheReason(t *testing.T) {
	handler, started := serve(2)
	ask(t, handler, "POST", "/fakes", `{}`, 400, "name: empty (expected: a name)")
	ask(t, handler, "POST", "/fakes", `{"name": "a", "speed": 1}`, 400, "speed")
	ask(t, handler, "POST", "/fakes", `{"name": "`+strings.Repeat("a", maxSpecification)+`"}`, 400, "too large")
	if len(*started) != 0 {
		t.Errorf("%d were started (expected: none)", len(*started))
	}
}

func TestForAnotherTaskTheOldestThatHasEndedIsForgotten(t *testing.T) {
	handler, started := serve(3)
	for _, name := range []string{"a", "b", "c"} {
		ask(t, handler, "POST", "/fakes", `{"name": "`+name+`"}`, 200, "id")
	}
	ask(t, handler, "POST", "/fakes", `{"name": "d"}`, 429, "3 fakes go on already")
	close((*started)[1].done)
	close((*started)[2].done)
	ask(t, handler, "POST", "/fakes", `{"name": "d"}`, 200, `{"id":"4"}`)
	ask(t, handler, "GET", "/fakes/1", "", 200, `"a"`)
	ask(t, handler, "GET", "/fakes/2", "", 404, "no such fake")
	ask(t, handler, "GET", "/fakes/3", "", 200, `"c"`)
}
