package node

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"sync"
	"syscall"
)

// processes starts children of the node's first process. As such it inherits every orphan of the node (the shims of
// containers, for one) and has to reap them, so no child may be waited for in any other way than through this type.
type processes struct {
	mutex   sync.Mutex
	waiting map[int]chan syscall.WaitStatus
}

func newProcesses() *processes {
	p := &processes{waiting: map[int]chan syscall.WaitStatus{}}
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGCHLD)
	go func() {
		for range signals {
			p.reap()
		}
	}()
	return p
}

// start starts the command and returns a channel that gets its exit status, once.
func (p *processes) start(command *exec.Cmd) (<-chan syscall.WaitStatus, error) {
	// The lock keeps the reaper from meeting a child that is not yet known here.
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if err := command.Start(); err != nil {
		return nil, err
	}
	exited := make(chan syscall.WaitStatus, 1)
	p.waiting[command.Process.Pid] = exited
	return exited, command.Process.Release()
}

// run starts a short command and waits for it; its output goes into the error.
func (p *processes) run(arguments []string) error {
	output, err := os.CreateTemp("", "output")
	if err != nil {
		return err
	}
	defer os.Remove(output.Name())
	defer output.Close()
	command := exec.Command(arguments[0], arguments[1:]...)
	// A file, not a buffer: exec copies into a buffer in the background, and only its own Wait ends that.
	command.Stdout, command.Stderr = output, output
	exited, err := p.start(command)
	if err != nil {
		return err
	}
	if status := <-exited; !status.Exited() || status.ExitStatus() != 0 {
		said, err := os.ReadFile(output.Name())
		if err != nil {
			return err
		}
		return fmt.Errorf("%s: %s: %s", strings.Join(arguments, " "), describe(status), bytes.TrimSpace(said))
	}
	return nil
}

func (p *processes) reap() {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	for {
		var status syscall.WaitStatus
		pid, err := syscall.Wait4(-1, &status, syscall.WNOHANG, nil)
		if err == syscall.EINTR {
			continue
		}
		if err != nil || pid <= 0 {
			return
		}
		if exited, known := p.waiting[pid]; known {
			exited <- status
			delete(p.waiting, pid)
		}
	}
}

func describe(status syscall.WaitStatus) string {
	if status.Signaled() {
		return fmt.Sprintf("killed by signal %d (%s)", int(status.Signal()), status.Signal())
	}
	return fmt.Sprintf("exit status %d", status.ExitStatus())
}
