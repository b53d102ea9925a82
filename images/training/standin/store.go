package main

import (
	"fmt"
	"log"
	"reflect"
	"strconv"
	"strings"
	"sync"
)

// object is a Kubernetes object as JSON has it.
type object map[string]any

func (o object) metadata() map[string]any {
	metadata, ok := o["metadata"].(map[string]any)
	if !ok {
		metadata = map[string]any{}
		o["metadata"] = metadata
	}
	return metadata
}

func (o object) name() string      { return text(o.metadata()["name"]) }
func (o object) namespace() string { return text(o.metadata()["namespace"]) }

func text(value any) string {
	s, _ := value.(string)
	return s
}

// resourceOf is where objects of this apiVersion and kind are served: GROUP/VERSION/PLURAL, or VERSION/PLURAL for the core group.
func resourceOf(o object) (string, error) {
	apiVersion, kind := text(o["apiVersion"]), strings.ToLower(text(o["kind"]))
	if apiVersion == "" || kind == "" {
		return "", fmt.Errorf("object %q without apiVersion or kind", o.name())
	}
	switch {
	case strings.HasSuffix(kind, "s"):
		kind += "es"
	case strings.HasSuffix(kind, "y"):
		kind = strings.TrimSuffix(kind, "y") + "ies"
	default:
		kind += "s"
	}
	return apiVersion + "/" + kind, nil
}

// event is one change, in the form of a watch.
type event struct {
	resource, namespace, name string
	revision                  int
	kind                      string
	object                    object
}

// store keeps the objects and every change to them: a training run is short.
type store struct {
	mutex    sync.Mutex
	changed  *sync.Cond
	revision int
	objects  map[string]map[string]object // by resource, then NAMESPACE/NAME
	events   []event
}

func newStore() *store {
	s := &store{objects: map[string]map[string]object{}}
	s.changed = sync.NewCond(&s.mutex)
	return s
}

func (s *store) get(resource, namespace, name string) (object, bool) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	found, ok := s.objects[resource][namespace+"/"+name]
	return found, ok
}

func (s *store) list(resource, namespace string, matches func(object) bool) ([]object, int) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	found := []object{}
	for _, each := range s.objects[resource] {
		if (namespace == "" || each.namespace() == namespace) && matches(each) {
			found = append(found, each)
		}
	}
	return found, s.revision
}

// put stores a copy with the next resource version; what identifies an object stays as it was first. What changes nothing is no change.
func (s *store) put(resource, namespace, name string, o object) object {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	stored := object(merge(o, nil))
	metadata := merge(o.metadata(), nil)
	stored["metadata"] = metadata
	metadata["name"] = name
	if namespace != "" {
		metadata["namespace"] = namespace
	}
	generation := 1
	before, exists := s.objects[resource][namespace+"/"+name]
	if exists {
		generation, _ = before.metadata()["generation"].(int)
		if !reflect.DeepEqual(before["spec"], stored["spec"]) {
			generation++
		}
	}
	switch {
	case stored["kind"] == "Deployment":
		stored["status"] = readyDeployment(stored, generation)
	case stored["type"] == "kubernetes.io/tls" && stored["data"] == nil:
		data, err := secretData(namespace, name)
		if err != nil {
			log.Fatalf("making a certificate: %v", err)
		}
		stored["data"] = data
	}

	kind := "ADDED"
	metadata["generation"] = generation
	if exists {
		kind = "MODIFIED"
		for _, key := range []string{"uid", "creationTimestamp", "resourceVersion"} {
			metadata[key] = before.metadata()[key]
		}
		if reflect.DeepEqual(before, stored) {
			return before
		}
	} else {
		metadata["uid"] = fmt.Sprintf("00000000-0000-4000-8000-%012d", s.revision)
		metadata["creationTimestamp"] = "2026-01-01T00:00:00Z"
	}
	s.revision++
	metadata["resourceVersion"] = strconv.Itoa(s.revision)
	if s.objects[resource] == nil {
		s.objects[resource] = map[string]object{}
	}
	s.objects[resource][namespace+"/"+name] = stored
	s.record(event{resource, namespace, name, s.revision, kind, stored})
	return stored
}

func readyDeployment(o object, generation int) map[string]any {
	var replicas any = 1
	if spec, ok := o["spec"].(map[string]any); ok && spec["replicas"] != nil {
		replicas = spec["replicas"]
	}
	return map[string]any{
		"observedGeneration": generation, "replicas": replicas, "readyReplicas": replicas, "availableReplicas": replicas, "updatedReplicas": replicas,
		"conditions": []any{map[string]any{"type": "Available", "status": "True"}},
	}
}

func (s *store) remove(resource, namespace, name string) (object, bool) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	found, ok := s.objects[resource][namespace+"/"+name]
	if ok {
		s.revision++
		delete(s.objects[resource], namespace+"/"+name)
		s.record(event{resource, namespace, name, s.revision, "DELETED", found})
	}
	return found, ok
}

func (s *store) record(e event) {
	s.events = append(s.events, e)
	s.changed.Broadcast()
}

// next returns the events after position, waiting for one until ended says so; wake ends the waiting.
func (s *store) next(position int, ended func() bool) ([]event, int) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	for position >= len(s.events) && !ended() {
		s.changed.Wait()
	}
	return s.events[min(position, len(s.events)):], len(s.events)
}

func (s *store) wake() {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.changed.Broadcast()
}
