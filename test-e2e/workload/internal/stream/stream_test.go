package stream

import (
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"

	"heddle.dev/workload/internal/echo"
	"heddle.dev/workload/internal/serve"
)

// servers echo; what they return ends each.
func servers(t *testing.T) map[Protocol]struct {
	url string
	end func()
} {
	t.Helper()
	bytes, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	accepted := make(chan net.Conn, 1)
	go func() {
		connection, err := bytes.Accept()
		if err != nil {
			return
		}
		accepted <- connection
		io.Copy(connection, connection)
	}()
	web := httptest.NewServer(serve.Handler(serve.Identity{Version: "v1"}))
	t.Cleanup(web.Close)
	calls, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := grpc.NewServer()
	(&echo.Server{Version: "v1"}).Register(server)
	go server.Serve(calls)
	t.Cleanup(server.Stop)
	t.Cleanup(func() { bytes.Close() })
	return map[Protocol]struct {
		url string
		end func()
	}{
		TCP:  {"tcp://" + bytes.Addr().String(), func() { (<-accepted).Close() }},
		GRPC: {"http://" + calls.Addr().String(), server.Stop},
		// A hijacked connection is not the test server's to close.
		WebSocket: {web.URL + "/ws", nil},
	}
}

func TestCarriesLinesBothWaysUntilItIsBroken(t *testing.T) {
	for protocol, server := range servers(t) {
		t.Run(string(protocol), func(t *testing.T) {
			stream, err := Open(t.Context(), Specification{server.url, protocol})
			if err != nil {
				t.Fatal(err)
			}
			await(t, stream, func(report Report) bool { return report.Echoed >= 3 })
			if server.end == nil {
				if report := stream.Stop(); report.Error != "" {
					t.Errorf("%+v (expected: no error)", report)
				}
				return
			}
			server.end()
			await(t, stream, func(report Report) bool { return report.Error != "" })
		})
	}
}

func TestTellsWhyItCouldNotBeOpened(t *testing.T) {
	refusing := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(refusing.Close)
	for _, protocol := range []Protocol{WebSocket, GRPC, "smoke"} {
		stream, err := Open(t.Context(), Specification{refusing.URL, protocol})
		if err != nil {
			t.Fatal(err)
		}
		await(t, stream, func(report Report) bool { return report.Error != "" && report.Echoed == 0 })
	}
	if _, err := Open(t.Context(), Specification{"nowhere", TCP}); err == nil {
		t.Error("a target without a host passed")
	}
}

func TestAPI(t *testing.T) {
	web := httptest.NewServer(serve.Handler(serve.Identity{Version: "v1"}))
	t.Cleanup(web.Close)
	api := httptest.NewServer(NewAPI(t.Context()))
	t.Cleanup(api.Close)
	var started struct{ ID string }
	post(t, api.URL+"/streams", `{"target": "`+web.URL+`/ws", "protocol": "websocket"}`, &started)
	var report Report
	post(t, api.URL+"/streams/"+started.ID+"/stop", "", &report)
	if report.Error != "" {
		t.Errorf("%+v (expected: no error)", report)
	}
	answer, err := http.Get(api.URL + "/streams/" + started.ID)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if answer.StatusCode != http.StatusNotFound {
		t.Errorf("status %d (expected: 404)", answer.StatusCode)
	}
}

func post(t *testing.T, url, body string, into any) {
	t.Helper()
	answer, err := http.Post(url, "application/json", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if err := json.NewDecoder(answer.Body).Decode(into); err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("%s: %d, %v", url, answer.StatusCode, err)
	}
}

func await(t *testing.T, stream *Stream, condition func(Report) bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); !condition(stream.Report()); {
		if time.Now().After(deadline) {
			t.Fatalf("%+v", stream.Report())
		}
		time.Sleep(time.Millisecond)
	}
}
