package load

import (
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/grpc"

	"heddle.dev/workload/internal/client"
	"heddle.dev/workload/internal/echo"
	"heddle.dev/workload/internal/serve"
)

func newServer(t *testing.T, handler http.Handler) *httptest.Server {
	t.Helper()
	server := httptest.NewUnstartedServer(handler)
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	protocols.SetUnencryptedHTTP2(true)
	server.Config.Protocols = protocols
	server.Start()
	t.Cleanup(server.Close)
	return server
}

func runToEnd(t *testing.T, specification Specification) Report {
	t.Helper()
	run, err := Start(t.Context(), specification)
	if err != nil {
		t.Fatal(err)
	}
	run.Wait()
	return run.recorder.report(0, 0)
}

func TestEveryProtocolCountsTheVersionThatAnswered(t *testing.T) {
	httpServer := newServer(t, serve.Handler(serve.Identity{Version: "v7"}))
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	grpcServer := grpc.NewServer()
	(&echo.Server{Version: "v7"}).Register(grpcServer)
	go grpcServer.Serve(listener)
	t.Cleanup(grpcServer.Stop)

	for protocol, url := range map[client.Protocol]string{
		client.HTTP1: httpServer.URL, client.H2C: httpServer.URL,
		client.GRPC: "http://" + listener.Addr().String(), client.GRPCStream: "http://" + listener.Addr().String(),
	} {
		t.Run(string(protocol), func(t *testing.T) {
			report := runToEnd(t, Specification{Target: client.Target{URL: url, Protocol: protocol}, Requests: 20, Connections: 2})
			if report.Requests != 20 || report.Failures != 0 || report.Versions["v7"] != 20 {
				t.Errorf("report: %+v (expected: 20 answers of v7)", report)
			}
			if report.Latency.P50 <= 0 {
				t.Errorf("p50: %d (expected: > 0)", report.Latency.P50)
			}
		})
	}
}

func TestFailuresAreCountedByMessage(t *testing.T) {
	var n atomic.Int64
	server := newServer(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if n.Add(1)%4 == 0 {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	}))
	report := runToEnd(t, Specification{Target: client.Target{URL: server.URL}, Requests: 20})
	if report.Failures != 5 || len(report.Errors) != 1 || report.Errors[0].Message != "status 503" || report.Errors[0].Count != 5 {
		t.Errorf("report: %+v (expected: 5 times status 503)", report)
	}
	if report.Statuses[503] != 5 || report.Statuses[200] != 15 {
		t.Errorf("statuses: %v (expected: 15 times 200, 5 times 503)", report.Statuses)
	}
}

func TestRequestsThatCannotConnectFail(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	listener.Close()
	report := runToEnd(t, Specification{Target: client.Target{URL: "http://" + address}, Requests: 3})
	if report.Failures != 3 || !strings.Contains(report.Errors[0].Message, "refused") {
		t.Errorf("report: %+v (expected: 3 refused)", report)
	}
}

func TestARetryOfTheHTTPClientIsNotHidden(t *testing.T) {
	var n atomic.Int64
	server := newServer(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if n.Add(1) == 2 {
			connection, _, err := http.NewResponseController(w).Hijack()
			if err != nil {
				t.Error(err)
				return
			}
			connection.Close()
		}
	}))
	report := runToEnd(t, Specification{Target: client.Target{URL: server.URL}, Requests: 3})
	if report.Failures != 0 || report.Retries != 1 {
		t.Errorf("report: %+v (expected: no failure and 1 retry)", report)
	}
}

func TestRateIsKept(t *testing.T) {
	server := newServer(t, serve.Handler(serve.Identity{Version: "v1"}))
	started := time.Now()
	report := runToEnd(t, Specification{Target: client.Target{URL: server.URL}, Rate: 100, Requests: 31, Connections: 4})
	if elapsed := time.Since(started); elapsed < 300*time.Millisecond {
		t.Errorf("31 requests at 100/s took %s (expected: >= 300ms)", elapsed)
	}
	if report.Requests != 31 {
		t.Errorf("requests: %d (expected: 31)", report.Requests)
	}
}

func TestEventsAreTheChangesOfVersion(t *testing.T) {
	var n atomic.Int64
	server := newServer(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		version := "v1"
		if n.Add(1) > 10 {
			version = "v2"
		}
		w.Header().Set(serve.VersionHeader, version)
	}))
	run, err := Start(t.Context(), Specification{Target: client.Target{URL: server.URL}, Requests: 20, Interval: Duration(time.Millisecond)})
	if err != nil {
		t.Fatal(err)
	}
	run.Wait()
	events := run.recorder.eventsSince(0)
	if len(events) != 2 || events[0].Version != "v1" || events[1].Version != "v2" || events[1].Answered < events[1].Sent {
		t.Errorf("events: %+v (expected: v1, then v2)", events)
	}
	if later := run.recorder.eventsSince(events[1].Answered); len(later) != 1 {
		t.Errorf("events since the change: %+v (expected: one)", later)
	}
	total := 0
	for _, bucket := range run.recorder.series(10 * time.Millisecond) {
		total += bucket.Versions["v1"] + bucket.Versions["v2"]
	}
	if total != 20 {
		t.Errorf("sum of the series: %d (expected: 20)", total)
	}
}

func TestTheRecorderIsBounded(t *testing.T) {
	r := newRecorder(2)
	for range 5 {
		r.add(sample{version: "v1"})
	}
	if report := r.report(0, 0); report.Requests != 2 || report.Unrecorded != 3 {
		t.Errorf("report: %+v (expected: 2 kept, 3 unrecorded)", report)
	}
}

func TestAPI(t *testing.T) {
	target := newServer(t, serve.Handler(serve.Identity{Version: "v1"}))
	api := httptest.NewServer(NewAPI(context.Background()))
	t.Cleanup(api.Close)

	post := func(path, body string) (int, string) {
		t.Helper()
		response, err := http.Post(api.URL+path, "application/json", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		var builder strings.Builder
		if _, err := io.Copy(&builder, response.Body); err != nil {
			t.Fatal(err)
		}
		return response.StatusCode, builder.String()
	}

	if status, body := post("/start", `{"target":"`+target.URL+`","rate":-1}`); status != 400 || !strings.Contains(body, "rate: -1 (expected: 0-20000)") {
		t.Errorf("negative rate: %d %s", status, body)
	}
	if status, body := post("/start", `{"target":"`+target.URL+`","speed":1}`); status != 400 || !strings.Contains(body, "speed") {
		t.Errorf("unknown field: %d %s", status, body)
	}
	if status, _ := post("/runs/9/stop", ""); status != 404 {
		t.Errorf("unknown run: %d (expected: 404)", status)
	}

	_, body := post("/start", `{"target":"`+target.URL+`","protocol":"h2c","rate":500,"connections":2,"timeout":"2s"}`)
	var started struct{ ID string }
	if err := json.Unmarshal([]byte(body), &started); err != nil {
		t.Fatal(err)
	}
	deadline := time.Now().Add(10 * time.Second)
	for {
		var report Report
		get(t, api.URL+"/runs/"+started.ID, &report)
		if !report.Running {
			t.Fatalf("report: %+v (expected: running)", report)
		}
		if report.Versions["v1"] >= 10 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("report: %+v (expected: 10 answers of v1 within 10s)", report)
		}
	}
	_, body = post("/runs/"+started.ID+"/stop", "")
	var report Report
	if err := json.Unmarshal([]byte(body), &report); err != nil {
		t.Fatal(err)
	}
	if report.Running || report.Failures != 0 {
		t.Errorf("report: %+v (expected: ended without a failure)", report)
	}
}

func get(t *testing.T, url string, into any) {
	t.Helper()
	response, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if err := json.NewDecoder(response.Body).Decode(into); err != nil {
		t.Fatal(err)
	}
}
