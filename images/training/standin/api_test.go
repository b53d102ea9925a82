package main

import (
	"bufio"
	"crypto/tls"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func call(t *testing.T, server *httptest.Server, method, path, contentType, body string) (int, object) {
	t.Helper()
	request, err := http.NewRequest(method, server.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", contentType)
	response, err := server.Client().Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	data, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	answer := object{}
	if err := json.Unmarshal(data, &answer); err != nil {
		t.Fatalf("%s: %v", data, err)
	}
	return response.StatusCode, answer
}

func TestObjectsAreKeptAndWatched(t *testing.T) {
	server := httptest.NewServer(&api{newStore()})
	t.Cleanup(server.Close)
	const secrets = "/api/v1/namespaces/a/secrets"

	watch, err := server.Client().Get(server.URL + secrets + "?watch=true&fieldSelector=metadata.name%3Dx")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { watch.Body.Close() })
	lines := bufio.NewScanner(watch.Body)
	seen := func() (string, object) {
		t.Helper()
		if !lines.Scan() {
			t.Fatalf("the watch ended: %v", lines.Err())
		}
		var e struct {
			Type   string
			Object object
		}
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			t.Fatal(err)
		}
		return e.Type, e.Object
	}

	if code, _ := call(t, server, "GET", secrets+"/x", "", ""); code != 404 {
		t.Errorf("absent: %d (expected: 404)", code)
	}
	call(t, server, "POST", secrets, "application/json", `{"kind":"Secret","metadata":{"name":"other"}}`)
	if code, created := call(t, server, "POST", secrets, "application/json", `{"kind":"Secret","metadata":{"name":"x"},"data":{"a":"1"}}`); code != 201 || created.namespace() != "a" {
		t.Errorf("created: %d %v", code, created)
	}
	if kind, o := seen(); kind != "ADDED" || o.name() != "x" {
		t.Errorf("watch: %s %v (expected: ADDED x)", kind, o)
	}
	if code, _ := call(t, server, "POST", secrets, "application/json", `{"kind":"Secret","metadata":{"name":"x"}}`); code != 409 {
		t.Errorf("created twice: %d (expected: 409)", code)
	}
	call(t, server, "PATCH", secrets+"/x", "application/merge-patch+json", `{"data":{"a":"1"}}`)
	_, patched := call(t, server, "PATCH", secrets+"/x", "application/merge-patch+json", `{"data":{"b":"2"}}`)
	if data := patched["data"].(map[string]any); data["a"] != "1" || data["b"] != "2" {
		t.Errorf("merged: %v", patched)
	}
	_, patched = call(t, server, "PATCH", secrets+"/x", "application/json-patch+json", `[{"op":"remove","path":"/data/a"}]`)
	if data := patched["data"].(map[string]any); len(data) != 1 {
		t.Errorf("patched: %v", patched)
	}
	call(t, server, "DELETE", secrets+"/x", "", "")
	for _, expected := range []string{"MODIFIED", "MODIFIED", "DELETED"} {
		if kind, _ := seen(); kind != expected {
			t.Errorf("watch: %s (expected: %s)", kind, expected)
		}
	}
	if _, list := call(t, server, "GET", "/api/v1/secrets", "", ""); len(list["items"].([]any)) != 1 {
		t.Errorf("list: %v (expected: one item)", list)
	}
}

func TestTokensAreBelieved(t *testing.T) {
	server := httptest.NewServer(&api{newStore()})
	t.Cleanup(server.Close)
	_, review := call(t, server, "POST", "/apis/authentication.k8s.io/v1/tokenreviews", "application/json", `{"spec":{"token":"demo.web.web-0","audiences":["heddle-ca"]}}`)
	status := review["status"].(map[string]any)
	if user := status["user"].(map[string]any); user["username"] != "system:serviceaccount:demo:web" {
		t.Errorf("user: %v", user)
	}
}

func TestDeploymentsAreReadyAtOnce(t *testing.T) {
	server := httptest.NewServer(&api{newStore()})
	t.Cleanup(server.Close)
	_, created := call(t, server, "PATCH", "/apis/apps/v1/namespaces/a/deployments/ca?fieldManager=x", "application/apply-patch+yaml",
		`{"kind":"Deployment","metadata":{"name":"ca"},"spec":{"replicas":2}}`)
	if status := created["status"].(map[string]any); status["readyReplicas"] != 2.0 {
		t.Errorf("status: %v (expected: 2 ready)", status)
	}
}

func TestGenerationsCountChangesOfTheSpec(t *testing.T) {
	server := httptest.NewServer(&api{newStore()})
	t.Cleanup(server.Close)
	const meshes = "/apis/heddle.dev/v1alpha1/meshinstalls"
	generation := func(method, path, body string) any {
		_, o := call(t, server, method, path, "application/merge-patch+json", body)
		return o.metadata()["generation"]
	}
	if found := generation("POST", meshes, `{"metadata":{"name":"x"},"spec":{"a":1}}`); found != 1.0 {
		t.Errorf("created: %v (expected: 1)", found)
	}
	if found := generation("PATCH", meshes+"/x/status", `{"status":{"b":1}}`); found != 1.0 {
		t.Errorf("status changed: %v (expected: 1)", found)
	}
	if found := generation("PATCH", meshes+"/x", `{"spec":{"a":2}}`); found != 2.0 {
		t.Errorf("spec changed: %v (expected: 2)", found)
	}
}

func TestSecretsWithoutACertificateGetOne(t *testing.T) {
	server := httptest.NewServer(&api{newStore()})
	t.Cleanup(server.Close)
	_, created := call(t, server, "POST", "/api/v1/namespaces/a/secrets", "application/json", `{"kind":"Secret","type":"kubernetes.io/tls","metadata":{"name":"x"}}`)
	data := created["data"].(map[string]any)
	certificate, err := base64.StdEncoding.DecodeString(data["tls.crt"].(string))
	if err != nil {
		t.Fatal(err)
	}
	key, err := base64.StdEncoding.DecodeString(data["tls.key"].(string))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tls.X509KeyPair(certificate, key); err != nil {
		t.Error(err)
	}
}
