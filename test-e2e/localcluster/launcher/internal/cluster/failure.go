package cluster

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"heddle.dev/localcluster/internal/layout"
	"heddle.dev/localcluster/internal/progress"
)

const shownLines = 8

// tearDown ends a cluster that failed to start. Unless it was interrupted, its logs are kept and their last lines shown.
func tearDown(ctx context.Context, l layout.Layout, report *progress.Reporter) error {
	if ctx.Err() == nil {
		kept, err := os.MkdirTemp("", "localcluster-"+l.Name+"-logs-")
		if err != nil {
			return err
		}
		if err := copyLogs(filepath.Dir(l.Log("node")), kept, report); err != nil {
			return err
		}
		report.Say("starting failed; the whole logs are in %s; cleaning up", kept)
	}
	// The caller's context may have ended by a signal; cleaning up has its own limits.
	_, err := remove(context.Background(), l)
	return errors.Join(err, removeBase())
}

func copyLogs(from, to string, report *progress.Reporter) error {
	entries, err := os.ReadDir(from)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, entry := range entries {
		content, err := os.ReadFile(filepath.Join(from, entry.Name()))
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(to, entry.Name()), content, 0o600); err != nil {
			return err
		}
		lines := strings.Split(strings.TrimSpace(string(content)), "\n")
		if len(lines) > shownLines {
			lines = lines[len(lines)-shownLines:]
		}
		report.Say("end of %s:\n%s", entry.Name(), indent(lines))
	}
	return nil
}

func indent(lines []string) string {
	var indented strings.Builder
	for _, line := range lines {
		fmt.Fprintf(&indented, "    %s\n", line)
	}
	return strings.TrimRight(indented.String(), "\n")
}
