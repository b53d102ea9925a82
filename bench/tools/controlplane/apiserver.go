package controlplane

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"sync"
	"time"
)

const (
	// writers is how many objects are written at once.
	writers      = 16
	writeTimeout = 30 * time.Second
	jsonType     = "application/json"
	mergePatch   = "application/merge-patch+json"
)

// object is whatever the API server takes as JSON.
type object = map[string]any

// apiServer writes objects.
type apiServer struct {
	url, token string
	client     *http.Client
}

func newAPIServer(url, token, rootFile string) (*apiServer, error) {
	roots, err := readRoots(rootFile)
	if err != nil {
		return nil, err
	}
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}, MaxIdleConnsPerHost: 2 * writers}
	return &apiServer{url, token, &http.Client{Transport: transport, Timeout: writeTimeout}}, nil
}

// create posts an object; into may be nil.
func (a *apiServer) create(ctx context.Context, path string, body, into any) error {
	return a.send(ctx, http.MethodPost, path, jsonType, body, into)
}

// patch merges some fields into an object.
func (a *apiServer) patch(ctx context.Context, path string, body any) error {
	return a.send(ctx, http.MethodPatch, path, mergePatch, body, nil)
}

func (a *apiServer) send(ctx context.Context, method, path, contentType string, body, into any) error {
	encoded, err := json.Marshal(body)
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, method, a.url+path, bytes.NewReader(encoded))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", contentType)
	request.Header.Set("Authorization", "Bearer "+a.token)
	response, err := a.client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	if response.StatusCode/100 != 2 {
		return fmt.Errorf("%s %s: %s: %s", method, path, response.Status, answer)
	}
	if into == nil {
		return nil
	}
	return json.Unmarshal(answer, into)
}

// each does something for every number from begin to before end, several at once, until one fails.
func each(ctx context.Context, begin, end, atOnce int, do func(ctx context.Context, i int) error) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	slots := make(chan struct{}, atOnce)
	var running sync.WaitGroup
	for i := begin; i < end && ctx.Err() == nil; i++ {
		slots <- struct{}{}
		running.Go(func() {
			defer func() { <-slots }()
			if err := do(ctx, i); err != nil {
				stop(err)
			}
		})
	}
	running.Wait()
	return context.Cause(ctx)
}

func readRoots(file string) (*x509.CertPool, error) {
	pem, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("%s: no certificate", file)
	}
	return roots, nil
}
