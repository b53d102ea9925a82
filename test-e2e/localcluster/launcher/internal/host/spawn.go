package host

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"syscall"

	"heddle.dev/localcluster/internal/node"
)

const namespaces = syscall.CLONE_NEWPID | syscall.CLONE_NEWNS | syscall.CLONE_NEWNET | syscall.CLONE_NEWUTS | syscall.CLONE_NEWIPC

// Spawned is the first process of a node, which waits to be released.
type Spawned struct {
	Process Process
	gate    *os.File
}

// Spawn starts this program's command "node" as the first process of fresh namespaces. Until Release it only waits,
// and it ends by itself if this process ends before.
func Spawn(specificationFile, logFile string) (*Spawned, error) {
	log, err := os.OpenFile(logFile, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	reading, writing, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer reading.Close()
	command := exec.Command("/proc/self/exe", "node", specificationFile)
	command.Stdout, command.Stderr = log, log
	command.ExtraFiles = []*os.File{reading}
	command.Dir = "/"
	command.SysProcAttr = &syscall.SysProcAttr{Cloneflags: namespaces, Setsid: true}
	if err := command.Start(); err != nil {
		return nil, errors.Join(fmt.Errorf("new namespaces (needs the capability SYS_ADMIN): %w", err), writing.Close())
	}
	process, err := Identify(command.Process.Pid)
	if err != nil {
		return nil, errors.Join(err, writing.Close())
	}
	// Reaped in the background: should it end while this process still runs, it is seen as gone, not as a zombie.
	go command.Wait()
	return &Spawned{Process: process, gate: writing}, nil
}

// Release lets the node begin.
func (s *Spawned) Release() error {
	_, err := s.gate.Write([]byte{1})
	return errors.Join(err, s.gate.Close())
}

// GateDescriptor documents which descriptor ExtraFiles becomes in the child.
var _ = [1]struct{}{}[node.GateDescriptor-3]
