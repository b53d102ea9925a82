// Package cluster brings clusters up and down: the order of the steps, what is on record between them, and how a
// crash at any point is cleaned up after.
package cluster

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"

	"heddle.dev/localcluster/internal/host"
	"heddle.dev/localcluster/internal/layout"
	"heddle.dev/localcluster/internal/network"
)

// record is written before anything outside the state folder is touched, so whatever exists can be found again.
type record struct {
	Plan network.Plan `json:"plan"`
	// Kubernetes is the program the node runs, by which an outdated cluster is told.
	Kubernetes string `json:"kubernetes"`
	// Node is absent until the node's first process exists.
	Node *host.Process `json:"node,omitempty"`
}

func (r record) write(l layout.Layout) error {
	content, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return fmt.Errorf("record: %w", err)
	}
	return host.WriteAtomically(l.Record(), content)
}

// readRecord returns nil when there is none.
func readRecord(l layout.Layout) (*record, error) {
	content, err := os.ReadFile(l.Record())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("record: %w", err)
	}
	var found record
	if err := json.Unmarshal(content, &found); err != nil {
		return nil, fmt.Errorf("record %s: %w", l.Record(), err)
	}
	return &found, nil
}

func (r *record) alive() bool { return r != nil && r.Node != nil && r.Node.Alive() }

// lock serializes the commands that change clusters. The kernel gives it up when the process ends, however it ends.
func lock(say func(format string, args ...any)) (unlock func(), err error) {
	for {
		if err := os.MkdirAll(layout.Base, 0o755); err != nil {
			return nil, fmt.Errorf("state folder: %w", err)
		}
		folder, err := os.Open(layout.Base)
		if err != nil {
			return nil, fmt.Errorf("state folder: %w", err)
		}
		descriptor := int(folder.Fd())
		if err := syscall.Flock(descriptor, syscall.LOCK_EX|syscall.LOCK_NB); errors.Is(err, syscall.EWOULDBLOCK) {
			say("waiting for another localcluster command to end")
			if err := syscall.Flock(descriptor, syscall.LOCK_EX); err != nil {
				return nil, errors.Join(fmt.Errorf("lock: %w", err), folder.Close())
			}
		} else if err != nil {
			return nil, errors.Join(fmt.Errorf("lock: %w", err), folder.Close())
		}
		// The last command may have removed the folder while this one waited for it.
		if same, err := isStill(folder); err != nil || same {
			return func() { folder.Close() }, err
		}
		if err := folder.Close(); err != nil {
			return nil, err
		}
	}
}

func isStill(folder *os.File) (bool, error) {
	opened, err := folder.Stat()
	if err != nil {
		return false, err
	}
	named, err := os.Stat(folder.Name())
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil && os.SameFile(opened, named), err
}
