package node

import (
	"errors"
	"fmt"
	"io"
	"os"
	"syscall"
)

// GateDescriptor is the file descriptor on which the first process awaits one byte: the sign that its identity is on
// record and its link to the host exists. If the launcher dies before, the read ends and nothing has begun.
const GateDescriptor = 3

// Main is the node's first process. It returns only if the node cannot be prepared.
func Main(specificationFile string) error {
	if os.Getpid() != 1 {
		return errors.New("the command node is the first process of a node, started by the command up")
	}
	gate := os.NewFile(GateDescriptor, "gate")
	if _, err := io.ReadFull(gate, make([]byte, 1)); err != nil {
		return fmt.Errorf("the launcher ended before the node could begin: %w", err)
	}
	if err := gate.Close(); err != nil {
		return err
	}
	specification, err := Read(specificationFile)
	if err != nil {
		return err
	}
	if err := syscall.Sethostname([]byte(specification.HostName)); err != nil {
		return fmt.Errorf("host name: %w", err)
	}
	if err := prepareFileSystem(specification); err != nil {
		return err
	}
	processes := newProcesses()
	if err := prepareNetwork(specification.Plan, processes); err != nil {
		return err
	}
	prober, err := newProber(specification.Authority)
	if err != nil {
		return err
	}
	for _, component := range specification.Components {
		go (&supervisor{component: component, processes: processes, prober: prober, out: os.Stdout}).run()
	}
	select {}
}
