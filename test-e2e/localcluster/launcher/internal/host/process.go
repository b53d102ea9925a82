// Package host does and undoes what a cluster needs outside its node: packages, kernel settings, control groups, the
// link into the node's network and the node's first process itself. Everything here can be undone after a crash from
// what is on record, and undoing twice does no harm.
package host

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// Process identifies one process for ever: a PID alone is given out again.
type Process struct {
	PID int `json:"pid"`
	// StartTicks is when it began, in clock ticks since the boot named by Boot.
	StartTicks uint64 `json:"startTicks"`
	Boot       string `json:"boot"`
}

const (
	killLimit    = 30 * time.Second
	killInterval = 20 * time.Millisecond
)

// Identify returns the identity of a running process.
func Identify(pid int) (Process, error) {
	_, ticks, err := stat(pid)
	if err != nil {
		return Process{}, err
	}
	boot, err := bootID()
	if err != nil {
		return Process{}, err
	}
	return Process{PID: pid, StartTicks: ticks, Boot: boot}, nil
}

// Alive says whether this very process still runs. A zombie does not.
func (p Process) Alive() bool {
	boot, err := bootID()
	if err != nil || boot != p.Boot || p.PID == 0 {
		return false
	}
	state, ticks, err := stat(p.PID)
	return err == nil && ticks == p.StartTicks && state != 'Z' && state != 'X'
}

// Kill ends the process and waits until it is gone. For the first process of a PID namespace this includes every
// process of that namespace: the kernel reports its end only after theirs.
func (p Process) Kill(ctx context.Context) error {
	// The handle is taken before the identity is checked, so the signal cannot reach a successor with the same PID.
	handle, err := os.FindProcess(p.PID)
	if err != nil || !p.Alive() {
		return nil
	}
	defer handle.Release()
	if err := handle.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("process %d: %w", p.PID, err)
	}
	ctx, cancel := context.WithTimeout(ctx, killLimit)
	defer cancel()
	ticker := time.NewTicker(killInterval)
	defer ticker.Stop()
	for p.Alive() {
		select {
		case <-ctx.Done():
			return fmt.Errorf("process %d: still there %s after it was killed; see /proc/%d/stack", p.PID, killLimit, p.PID)
		case <-ticker.C:
		}
	}
	return nil
}

// Age is how long the process has been running.
func (p Process) Age() (time.Duration, error) {
	uptime, err := os.ReadFile("/proc/uptime")
	if err != nil {
		return 0, err
	}
	first, _, _ := strings.Cut(string(uptime), " ")
	seconds, err := strconv.ParseFloat(first, 64)
	if err != nil {
		return 0, fmt.Errorf("/proc/uptime: %w", err)
	}
	// USER_HZ is 100 on every architecture Kubernetes runs on; see sysconf(3), _SC_CLK_TCK.
	return time.Duration((seconds - float64(p.StartTicks)/100) * float64(time.Second)), nil
}

func stat(pid int) (state byte, startTicks uint64, err error) {
	content, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "stat"))
	if err != nil {
		return 0, 0, err
	}
	// The command name is in parentheses and may hold anything, parentheses too; see proc(5).
	end := bytes.LastIndexByte(content, ')')
	if end < 0 {
		return 0, 0, fmt.Errorf("/proc/%d/stat: %q", pid, content)
	}
	fields := strings.Fields(string(content[end+1:]))
	const stateField, startField = 0, 19
	if len(fields) <= startField {
		return 0, 0, fmt.Errorf("/proc/%d/stat: %q", pid, content)
	}
	startTicks, err = strconv.ParseUint(fields[startField], 10, 64)
	if err != nil {
		return 0, 0, fmt.Errorf("/proc/%d/stat: %w", pid, err)
	}
	return fields[stateField][0], startTicks, nil
}

func bootID() (string, error) {
	content, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return "", err
	}
	return strings.TrimSpace(string(content)), nil
}
