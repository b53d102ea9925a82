package probe

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"testing"
)

func TestCallFailsOnAnyFailure(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/bad" {
			w.WriteHeader(http.StatusBadGateway)
		}
	}))
	t.Cleanup(server.Close)
	if err := Call(t.Context(), []string{"-target", server.URL, "-count", "3"}); err != nil {
		t.Errorf("good: %v", err)
	}
	if err := Call(t.Context(), []string{"-target", server.URL + "/bad"}); err == nil {
		t.Error("a 502 passed as success")
	}
}

func TestAskTellsOfRefusals(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost || r.Header.Get("Stage") != "beta" {
			w.WriteHeader(http.StatusForbidden)
		}
	}))
	t.Cleanup(server.Close)
	for _, arguments := range [][]string{{}, {"-method", "POST", "-header", "Stage: beta"}} {
		if err := Ask(t.Context(), append(arguments, "-target", server.URL)); err != nil {
			t.Errorf("%v: %v", arguments, err)
		}
	}
	if err := Ask(t.Context(), []string{"-target", server.URL, "-header", "Stage"}); err == nil {
		t.Error("a header without a value passed")
	}
}

func TestConnect(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(server.Close)
	address := hostAndPort(t, server.URL)
	if err := Connect(t.Context(), []string{"-address", address, "-send", `GET / HTTP/1.0\r\n\r\n`, "-count", "3"}); err != nil {
		t.Errorf("answering server: %v", err)
	}
	if err := Connect(t.Context(), []string{"-address", address, "-timeout", "50ms"}); err == nil {
		t.Error("a server that says nothing passed as success")
	}
}

func TestTLSPeek(t *testing.T) {
	server := httptest.NewTLSServer(http.NotFoundHandler())
	t.Cleanup(server.Close)
	if err := TLSPeek(t.Context(), []string{"-address", hostAndPort(t, server.URL), "-alpn", "http/1.1"}); err != nil {
		t.Error(err)
	}
}

func hostAndPort(t *testing.T, text string) string {
	t.Helper()
	parsed, err := url.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := netip.ParseAddrPort(parsed.Host); err != nil {
		t.Fatal(err)
	}
	return parsed.Host
}
