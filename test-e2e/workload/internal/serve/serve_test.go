package serve

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/websocket"
)

var identity = Identity{Version: "v3", Pod: "pod-a"}

func TestHTTP(t *testing.T) {
	server := httptest.NewServer(Handler(identity))
	t.Cleanup(server.Close)
	for path, want := range map[string]int{
		"/": 200, "/anything?x=1": 200, "/status/503": 503, "/status/204": 204, "/status/9": 400, "/delay/1ms": 200, "/delay/x": 400,
		"/bytes/70000": 200, "/bytes/-1": 400, "/echo": 200,
	} {
		t.Run(path, func(t *testing.T) {
			response, err := http.Post(server.URL+path, "text/plain", strings.NewReader("hello"))
			if err != nil {
				t.Fatal(err)
			}
			defer response.Body.Close()
			body, err := io.ReadAll(response.Body)
			if err != nil {
				t.Fatal(err)
			}
			if response.StatusCode != want || response.Header.Get(VersionHeader) != "v3" {
				t.Errorf("status %d of %q (expected: %d of v3)", response.StatusCode, response.Header.Get(VersionHeader), want)
			}
			switch {
			case path == "/bytes/70000" && len(body) != 70000:
				t.Errorf("%d bytes (expected: 70000)", len(body))
			case path == "/echo" && string(body) != "hello":
				t.Errorf("echo: %q (expected: hello)", body)
			case path == "/anything?x=1":
				var answer Answer
				if err := json.Unmarshal(body, &answer); err != nil {
					t.Fatal(err)
				}
				if answer.Identity != identity || answer.Path != "/anything?x=1" || answer.Method != "POST" || answer.Protocol != "HTTP/1.1" {
					t.Errorf("answer: %+v", answer)
				}
			}
		})
	}
}

func TestWebSocketEcho(t *testing.T) {
	server := httptest.NewServer(Handler(identity))
	t.Cleanup(server.Close)
	connection, err := websocket.Dial(strings.Replace(server.URL, "http", "ws", 1)+"/ws", "", "http://localhost")
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close()
	if _, err := connection.Write([]byte("ping")); err != nil {
		t.Fatal(err)
	}
	answer := make([]byte, 4)
	if _, err := io.ReadFull(connection, answer); err != nil || string(answer) != "ping" {
		t.Errorf("%q, %v (expected: ping)", answer, err)
	}
}

func TestTCPGreetsThenEchoes(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := newTCPServer("hello\n")
	go server.serve(listener)
	connection, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close()
	reader := bufio.NewReader(connection)
	if line, err := reader.ReadString('\n'); err != nil || line != "hello\n" {
		t.Fatalf("%q, %v (expected: hello)", line, err)
	}
	if _, err := connection.Write([]byte("ping\n")); err != nil {
		t.Fatal(err)
	}
	if line, err := reader.ReadString('\n'); err != nil || line != "ping\n" {
		t.Fatalf("%q, %v (expected: ping)", line, err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if err := server.shutdown(ctx); err != nil {
		t.Fatal(err)
	}
	if _, err := reader.ReadByte(); err == nil {
		t.Error("the connection outlived the shutdown")
	}
}

func TestShutdownFinishesWhatIsInFlight(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	listener.Close()
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		ended <- Run(ctx, []string{"-http", address, "-https", "", "-grpc", "", "-greeter", "", "-tcp-echo", ""})
	}()

	var first *http.Response
	for deadline := time.Now().Add(5 * time.Second); ; {
		if first, err = http.Get("http://" + address); err == nil {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal(err)
		}
	}
	first.Body.Close()

	// The slow request is in flight once its first echoed byte is back.
	body, send := io.Pipe()
	response := make(chan *http.Response, 1)
	go func() {
		answer, err := http.Post("http://"+address+"/echo", "text/plain", body)
		if err != nil {
			t.Error(err)
		}
		response <- answer
	}()
	if _, err := send.Write([]byte("a")); err != nil {
		t.Fatal(err)
	}
	answer := <-response
	stop()
	if _, err := send.Write([]byte("b")); err != nil {
		t.Fatal(err)
	}
	send.Close()
	all, err := io.ReadAll(answer.Body)
	if err != nil || !bytes.Equal(all, []byte("ab")) {
		t.Errorf("%q, %v (expected: ab)", all, err)
	}
	if err := <-ended; err != nil {
		t.Errorf("shutdown: %v", err)
	}
}
