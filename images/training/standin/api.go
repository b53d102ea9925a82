package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"strconv"
	"strings"
)

type api struct{ store *store }

// request is a path of the Kubernetes API taken apart.
type request struct {
	resource, namespace, name, subresource string
}

// parse takes /api/v1/... or /apis/GROUP/VERSION/... apart; false for anything else.
func parse(path string) (request, bool) {
	segments := strings.Split(strings.Trim(path, "/"), "/")
	var version string
	switch {
	case len(segments) >= 3 && segments[0] == "api":
		version, segments = segments[1], segments[2:]
	case len(segments) >= 4 && segments[0] == "apis":
		version, segments = segments[1]+"/"+segments[2], segments[3:]
	default:
		return request{}, false
	}
	var r request
	if segments[0] == "namespaces" && len(segments) >= 3 && segments[2] != "status" && segments[2] != "finalize" {
		r.namespace, segments = segments[1], segments[2:]
	}
	r.resource = version + "/" + segments[0]
	if len(segments) > 1 {
		r.name = segments[1]
	}
	if len(segments) > 2 {
		r.subresource = segments[2]
	}
	return r, true
}

func (a *api) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/version" {
		answer(w, http.StatusOK, map[string]string{"major": "1", "minor": "34", "gitVersion": "v1.34.4"})
		return
	}
	path, ok := parse(r.URL.Path)
	if !ok {
		status(w, http.StatusNotFound, "NotFound", r.URL.Path)
		return
	}
	log.Printf("%s %s", r.Method, r.URL)
	switch r.Method {
	case http.MethodGet:
		a.read(w, r, path)
	case http.MethodDelete:
		if found, ok := a.store.remove(path.resource, path.namespace, path.name); ok {
			answer(w, http.StatusOK, found)
		} else {
			status(w, http.StatusNotFound, "NotFound", path.name)
		}
	case http.MethodPost, http.MethodPut, http.MethodPatch:
		a.write(w, r, path)
	default:
		status(w, http.StatusMethodNotAllowed, "MethodNotAllowed", r.Method)
	}
}

func (a *api) read(w http.ResponseWriter, r *http.Request, path request) {
	if path.name != "" {
		if found, ok := a.store.get(path.resource, path.namespace, path.name); ok {
			answer(w, http.StatusOK, found)
		} else {
			status(w, http.StatusNotFound, "NotFound", path.name)
		}
		return
	}
	matches := selector(r)
	if watch := r.URL.Query().Get("watch"); watch == "true" || watch == "1" {
		a.watch(w, r, path, matches)
		return
	}
	items, revision := a.store.list(path.resource, path.namespace, matches)
	version, plural := path.resource[:strings.LastIndex(path.resource, "/")], path.resource[strings.LastIndex(path.resource, "/")+1:]
	answer(w, http.StatusOK, map[string]any{
		"apiVersion": version, "kind": strings.TrimSuffix(plural, "s") + "List",
		"metadata": map[string]string{"resourceVersion": strconv.Itoa(revision)}, "items": items,
	})
}

// selector understands equality, and no more.
func selector(r *http.Request) func(object) bool {
	query := r.URL.Query()
	name := strings.TrimPrefix(query.Get("fieldSelector"), "metadata.name=")
	return func(o object) bool {
		if name != "" && o.name() != name {
			return false
		}
		labels, _ := o.metadata()["labels"].(map[string]any)
		for _, term := range strings.Split(query.Get("labelSelector"), ",") {
			if key, value, equality := strings.Cut(term, "="); equality && text(labels[key]) != strings.TrimPrefix(value, "=") {
				return false
			}
		}
		return true
	}
}

func (a *api) watch(w http.ResponseWriter, r *http.Request, path request, matches func(object) bool) {
	// Without a version a watch starts with what there is, as the events tell it.
	since, _ := strconv.Atoi(r.URL.Query().Get("resourceVersion"))
	wanted := func(e event) bool {
		return e.resource == path.resource && e.revision > since && (path.namespace == "" || e.namespace == path.namespace) && matches(e.object)
	}
	if wantsWebsocket(r) {
		socket, err := upgrade(w, r)
		if err != nil {
			log.Printf("watching: %v", err)
			return
		}
		defer socket.close()
		a.send(socket.untilClosed(), wanted, socket)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusOK)
	controller := http.NewResponseController(w)
	if err := controller.Flush(); err != nil {
		return
	}
	a.send(r.Context(), wanted, flushing{w, controller})
}

// send writes the events that are wanted, each at once, until ctx ends or the client has gone.
func (a *api) send(ctx context.Context, wanted func(event) bool, to io.Writer) {
	stop := context.AfterFunc(ctx, a.store.wake)
	defer stop()
	for position := 0; ctx.Err() == nil; {
		var events []event
		events, position = a.store.next(position, func() bool { return ctx.Err() != nil })
		for _, e := range events {
			if !wanted(e) {
				continue
			}
			data, err := json.Marshal(map[string]any{"type": e.kind, "object": e.object})
			if err != nil {
				log.Printf("watching: %v", err)
				return
			}
			if _, err := to.Write(append(data, '\n')); err != nil {
				return
			}
		}
	}
}

type flushing struct {
	io.Writer
	controller *http.ResponseController
}

func (f flushing) Write(p []byte) (int, error) {
	n, err := f.Writer.Write(p)
	if err == nil {
		err = f.controller.Flush()
	}
	return n, err
}

func (a *api) write(w http.ResponseWriter, r *http.Request, path request) {
	body := object{}
	contentType := r.Header.Get("Content-Type")
	if strings.HasPrefix(contentType, "application/json-patch+json") {
		a.jsonPatch(w, r, path)
		return
	}
	if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
		status(w, http.StatusBadRequest, "BadRequest", fmt.Sprintf("%s body: %v", contentType, err))
		return
	}
	switch {
	case strings.HasSuffix(path.resource, "/tokenreviews"):
		answer(w, http.StatusCreated, reviewed(body))
		return
	case strings.HasSuffix(path.resource, "rulesreviews"):
		everything := []string{"*"}
		body["status"] = map[string]any{
			"incomplete": false, "nonResourceRules": []any{},
			"resourceRules": []any{map[string]any{"verbs": everything, "apiGroups": everything, "resources": everything}},
		}
		answer(w, http.StatusCreated, body)
		return
	case strings.HasSuffix(path.resource, "accessreviews"):
		body["status"] = map[string]any{"allowed": true}
		answer(w, http.StatusCreated, body)
		return
	}
	code, name := http.StatusOK, path.name
	if name == "" {
		code, name = http.StatusCreated, body.name()
		if name == "" {
			name = text(body.metadata()["generateName"]) + strconv.Itoa(len(a.store.events))
		}
		if _, exists := a.store.get(path.resource, path.namespace, name); exists {
			status(w, http.StatusConflict, "AlreadyExists", name)
			return
		}
	}
	if before, exists := a.store.get(path.resource, path.namespace, name); exists && (path.subresource != "" || r.Method == http.MethodPatch) {
		body = merge(before, body)
	}
	answer(w, code, a.store.put(path.resource, path.namespace, name, body))
}

// jsonPatch does the operations on members of objects; that is what finalizers, labels and status need.
func (a *api) jsonPatch(w http.ResponseWriter, r *http.Request, path request) {
	var operations []struct {
		Op, Path string
		Value    any
	}
	if err := json.NewDecoder(r.Body).Decode(&operations); err != nil {
		status(w, http.StatusBadRequest, "BadRequest", err.Error())
		return
	}
	before, exists := a.store.get(path.resource, path.namespace, path.name)
	if !exists {
		status(w, http.StatusNotFound, "NotFound", path.name)
		return
	}
	patched := merge(before, object{})
	for _, operation := range operations {
		keys := strings.Split(strings.TrimPrefix(operation.Path, "/"), "/")
		change := map[string]any{}
		at := change
		for _, key := range keys[:len(keys)-1] {
			next := map[string]any{}
			at[key], at = next, next
		}
		last := strings.NewReplacer("~1", "/", "~0", "~").Replace(keys[len(keys)-1])
		switch operation.Op {
		case "add", "replace":
			at[last] = operation.Value
		case "remove":
			at[last] = nil
		}
		patched = merge(patched, change)
	}
	answer(w, http.StatusOK, a.store.put(path.resource, path.namespace, path.name, patched))
}

// merge is a JSON merge patch (RFC 7396) into a copy.
func merge(into, patch map[string]any) map[string]any {
	merged := map[string]any{}
	for key, value := range into {
		merged[key] = value
	}
	for key, value := range patch {
		below, isMap := value.(map[string]any)
		before, wasMap := merged[key].(map[string]any)
		switch {
		case value == nil:
			delete(merged, key)
		case isMap && wasMap:
			merged[key] = merge(before, below)
		default:
			merged[key] = value
		}
	}
	return merged
}

// reviewed believes a token that says NAMESPACE.ACCOUNT.POD; a real one has three parts too.
func reviewed(body object) object {
	spec, _ := body["spec"].(map[string]any)
	parts := strings.Split(strings.TrimSpace(text(spec["token"])), ".")
	if len(parts) != 3 {
		body["status"] = map[string]any{"authenticated": false, "error": "not a token of this API server"}
		return body
	}
	body["status"] = map[string]any{
		"authenticated": true, "audiences": spec["audiences"],
		"user": map[string]any{
			"username": "system:serviceaccount:" + parts[0] + ":" + parts[1], "uid": "00000000-0000-4000-8000-000000000000",
			"groups": []string{"system:serviceaccounts", "system:authenticated"},
			"extra": map[string]any{
				"authentication.kubernetes.io/pod-name": []string{parts[2]},
				"authentication.kubernetes.io/pod-uid":  []string{"00000000-0000-4000-8000-000000000001"},
			},
		},
	}
	return body
}

func status(w http.ResponseWriter, code int, reason, message string) {
	answer(w, code, map[string]any{
		"apiVersion": "v1", "kind": "Status", "status": "Failure", "reason": reason, "code": code, "message": reason + ": " + message,
	})
}

func answer(w http.ResponseWriter, code int, value any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	if err := json.NewEncoder(w).Encode(value); err != nil {
		log.Printf("answering: %v", err)
	}
}
