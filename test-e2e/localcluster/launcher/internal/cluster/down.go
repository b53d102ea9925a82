package cluster

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"

	"heddle.dev/localcluster/internal/host"
	"heddle.dev/localcluster/internal/layout"
	"heddle.dev/localcluster/internal/progress"
)

// Down removes the cluster, whatever is left of it. To remove one that does not exist is no error.
func Down(ctx context.Context, l layout.Layout, report *progress.Reporter) error {
	unlock, err := lock(report.Say)
	if err != nil {
		return err
	}
	defer unlock()
	existed, err := remove(ctx, l)
	if err != nil {
		return err
	}
	if existed {
		report.Say("cluster %s is gone", l.Name)
	} else {
		report.Say("there is no cluster %s", l.Name)
	}
	return removeBase()
}

// remove undoes everything, from the inside out. The record goes last: should a step fail, the next attempt still
// knows what to look for.
func remove(ctx context.Context, l layout.Layout) (existed bool, err error) {
	if _, err := os.Stat(l.Folder()); errors.Is(err, os.ErrNotExist) {
		return false, nil
	}
	found, err := readRecord(l)
	if err != nil {
		return true, err
	}
	if found != nil {
		if found.Node != nil {
			if err := found.Node.Kill(ctx); err != nil {
				return true, err
			}
		}
		if err := (host.Link{Plan: found.Plan}).Remove(); err != nil {
			return true, err
		}
		if err := host.RemoveCgroup(ctx, l.Cgroup()); err != nil {
			return true, err
		}
	}
	if err := removeAllBut(l.Folder(), l.Record()); err != nil {
		return true, err
	}
	if err := restoreSettingsAfterLast(l); err != nil {
		return true, err
	}
	return true, host.RemoveFolder(l.Folder())
}

func removeAllBut(folder, kept string) error {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		path := filepath.Join(folder, entry.Name())
		if path == kept {
			continue
		}
		if err := host.RemoveFolder(path); err != nil {
			return err
		}
	}
	return nil
}

func restoreSettingsAfterLast(l layout.Layout) error {
	names, err := layout.Names()
	if err != nil {
		return err
	}
	for _, name := range names {
		if name != l.Name {
			return nil
		}
	}
	return settings().Restore()
}

func settings() host.KernelSettings {
	return host.KernelSettings{File: filepath.Join(layout.Base, "kernel-settings.json")}
}

// removeBase removes the folder of all clusters, and the one above it that was made for it, once they are empty.
func removeBase() error {
	for _, folder := range []string{layout.Base, filepath.Dir(layout.Base)} {
		err := os.Remove(folder)
		if errors.Is(err, syscall.ENOTEMPTY) || errors.Is(err, syscall.EEXIST) {
			return nil
		}
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("state folder: %w", err)
		}
	}
	return nil
}
