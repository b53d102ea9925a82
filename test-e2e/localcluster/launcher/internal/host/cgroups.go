package host

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

const (
	cgroupRemovalLimit    = 10 * time.Second
	cgroupRemovalInterval = 50 * time.Millisecond
)

// CreateCgroup makes the group in every hierarchy, version 1 or 2, so that the kubelet finds its root there.
func CreateCgroup(name string) error {
	hierarchies, err := cgroupHierarchies()
	if err != nil {
		return err
	}
	if len(hierarchies) == 0 {
		return errors.New("cgroups: none mounted (expected: version 2, or version 1 hierarchies, under /sys/fs/cgroup)")
	}
	for _, hierarchy := range hierarchies {
		if hierarchy.kind == "cgroup2" {
			if err := delegateControllers(hierarchy.path); err != nil {
				return err
			}
		}
		group := filepath.Join(hierarchy.path, name)
		if err := os.Mkdir(group, 0o755); err != nil && !errors.Is(err, fs.ErrExist) {
			return fmt.Errorf("cgroup: %w", err)
		}
		if err := inheritProcessors(hierarchy.path, group); err != nil {
			return err
		}
	}
	return nil
}

// delegateControllers gives the children of a version 2 group all controllers that the group itself has.
func delegateControllers(group string) error {
	available, err := os.ReadFile(filepath.Join(group, "cgroup.controllers"))
	if err != nil {
		return fmt.Errorf("cgroup: %w", err)
	}
	for _, controller := range strings.Fields(string(available)) {
		err := os.WriteFile(filepath.Join(group, "cgroup.subtree_control"), []byte("+"+controller), 0)
		if err != nil && slices.Contains([]string{"cpu", "cpuset", "memory", "pids"}, controller) {
			return fmt.Errorf("cgroup controller %s: %w", controller, err)
		}
	}
	return nil
}

// inheritProcessors copies what a version 1 cpuset needs before a process can enter it.
func inheritProcessors(parent, group string) error {
	for _, file := range []string{"cpuset.cpus", "cpuset.mems"} {
		content, err := os.ReadFile(filepath.Join(parent, file))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return fmt.Errorf("cgroup: %w", err)
		}
		if err := os.WriteFile(filepath.Join(group, file), content, 0); err != nil {
			return fmt.Errorf("cgroup: %w", err)
		}
	}
	return nil
}

// RemoveCgroup removes the group and all groups beneath it from every hierarchy. Their processes must be gone; the
// kernel may take a moment to notice.
func RemoveCgroup(ctx context.Context, name string) error {
	hierarchies, err := cgroupHierarchies()
	if err != nil {
		return err
	}
	for _, hierarchy := range hierarchies {
		if err := removeGroups(ctx, filepath.Join(hierarchy.path, name)); err != nil {
			return err
		}
	}
	return nil
}

func removeGroups(ctx context.Context, root string) error {
	ctx, cancel := context.WithTimeout(ctx, cgroupRemovalLimit)
	defer cancel()
	ticker := time.NewTicker(cgroupRemovalInterval)
	defer ticker.Stop()
	for {
		err := removeGroupsOnce(root)
		if err == nil {
			return nil
		}
		if !errors.Is(err, syscall.EBUSY) {
			return fmt.Errorf("cgroup: %w", err)
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("cgroup: still in use after %s: %w", cgroupRemovalLimit, err)
		case <-ticker.C:
		}
	}
}

func removeGroupsOnce(root string) error {
	var groups []string
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err == nil && entry.IsDir() {
			groups = append(groups, path)
		}
		return err
	})
	if err != nil {
		return err
	}
	// Children come after their parents in the walk and have to go before them.
	for _, group := range slices.Backward(groups) {
		if err := syscall.Rmdir(group); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return &fs.PathError{Op: "rmdir", Path: group, Err: err}
		}
	}
	return nil
}

func cgroupHierarchies() ([]mountPoint, error) {
	points, err := mounts()
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(points, func(point mountPoint) bool {
		return point.kind != "cgroup" && point.kind != "cgroup2"
	}), nil
}
