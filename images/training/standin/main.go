// Standin answers the Kubernetes API from memory, well enough for the product's processes to run through their real paths while their
// AOT caches are made: objects can be read, listed, watched, written and deleted; tokens are believed; Deployments are ready at once.
// It validates and authorizes nothing, and is no test double: what is tested is tested on a real API server.
//
//	standin -address IP:PORT -folder DIR [FILE.json...]
//
// It writes DIR/ca.crt, which its own certificate is signed with, when it serves, and starts with the objects of the files.
package main

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"net"
	"net/http"
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
	address := flag.String("address", "127.0.0.1:6443", "IP:PORT to listen on")
	folder := flag.String("folder", "", "where ca.crt is written")
	flag.Parse()
	store := newStore()
	for _, path := range flag.Args() {
		if err := load(store, path); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
	}

	host, _, err := net.SplitHostPort(*address)
	if err != nil {
		return fmt.Errorf("address: %w", err)
	}
	own, err := certify(x509.Certificate{IPAddresses: []net.IP{net.ParseIP(host)}})
	if err != nil {
		return err
	}
	pair, err := tls.X509KeyPair(own.certificate, own.key)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", *address)
	if err != nil {
		return err
	}
	server := &http.Server{Handler: &api{store}, TLSConfig: &tls.Config{Certificates: []tls.Certificate{pair}}}
	served := make(chan error, 1)
	go func() { served <- server.ServeTLS(listener, "", "") }()
	// Written whole, so that whoever waits for the file can read it.
	unfinished := filepath.Join(*folder, "ca.crt.unfinished")
	if err := os.WriteFile(unfinished, own.root, 0o600); err != nil {
		return err
	}
	if err := os.Rename(unfinished, filepath.Join(*folder, "ca.crt")); err != nil {
		return err
	}
	ended := make(chan os.Signal, 1)
	signal.Notify(ended, syscall.SIGTERM, syscall.SIGINT)
	select {
	case err := <-served:
		return err
	case <-ended:
		return nil
	}
}

// load reads a List.
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
