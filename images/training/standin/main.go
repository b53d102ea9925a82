// Standin answers the Kubernetes API from memory, well enough for the control plane's processes to run through their real paths while their
// AOT caches are made: objects can be read, listed, watched, written and deleted; tokens are believed; Deployments are ready at once.
// It validates and authorizes nothing, and is no test double: what is tested is tested on a real API server.
//
//	standin -folder DIR [FILE.json...]
//
// It writes DIR/kubeconfig when it serves, and starts with the objects of the files.
package main

import (
	"encoding/json"
	"encoding/pem"
	"flag"
	"fmt"
	"log"
	"net/http/httptest"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
)

func main() {
	if err := run(); err != nil {
		log.Fatal(err)
	}
}

func run() error {
	folder := flag.String("folder", "", "where kubeconfig is written")
	flag.Parse()
	store := newStore()
	for _, path := range flag.Args() {
		if err := load(store, path); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
	}

	// httptest brings a certificate; HTTP/2 as a real API server has it.
	server := httptest.NewUnstartedServer(&api{store})
	server.EnableHTTP2 = true
	server.StartTLS()
	defer server.Close()
	if err := writeKubeconfig(*folder, server); err != nil {
		return err
	}
	ended := make(chan os.Signal, 1)
	signal.Notify(ended, syscall.SIGTERM, syscall.SIGINT)
	<-ended
	return nil
}

// load reads a List, or one object.
func load(store *store, path string) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var list struct{ Items []object }
	if err := json.Unmarshal(data, &list); err != nil {
		return err
	}
	for _, item := range list.Items {
		resource, err := resourceOf(item)
		if err != nil {
			return err
		}
		store.put(resource, item.namespace(), item.name(), item)
	}
	return nil
}

func writeKubeconfig(folder string, server *httptest.Server) error {
	authority := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	kubeconfig := map[string]any{
		"apiVersion": "v1", "kind": "Config", "current-context": "standin",
		"clusters": []any{map[string]any{"name": "standin", "cluster": map[string]any{
			"server": server.URL, "certificate-authority-data": authority,
		}}},
		"users":    []any{map[string]any{"name": "standin", "user": map[string]any{"token": "standin"}}},
		"contexts": []any{map[string]any{"name": "standin", "context": map[string]any{"cluster": "standin", "user": "standin", "namespace": "heddle-system"}}},
	}
	data, err := json.Marshal(kubeconfig)
	if err != nil {
		return err
	}
	// Written whole, so that whoever waits for the file can read it.
	unfinished := filepath.Join(folder, "kubeconfig.unfinished")
	if err := os.WriteFile(unfinished, data, 0o600); err != nil {
		return err
	}
	return os.Rename(unfinished, filepath.Join(folder, "kubeconfig"))
}
