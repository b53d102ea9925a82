package node

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"syscall"
	"time"
)

const (
	firstRestartDelay = 500 * time.Millisecond
	lastRestartDelay  = 10 * time.Second
	// steady is how long a component must have run for its next failure to count as the first again.
	steady = time.Minute
)

// supervisor keeps one component running.
type supervisor struct {
	component Component
	processes *processes
	prober    *prober
	out       io.Writer
}

// run never returns: a component that ends is started again, with growing delays, as an init system would.
func (s *supervisor) run() {
	delay := firstRestartDelay
	for {
		s.prober.await(s.component.Awaits, s.say)
		begin := time.Now()
		status, err := s.once()
		switch {
		case err != nil:
			s.say("cannot start: %v", err)
		default:
			s.say("ended after %s: %s; its output is in %s", time.Since(begin).Round(time.Millisecond), describe(status), s.component.Log)
		}
		if time.Since(begin) > steady {
			delay = firstRestartDelay
		}
		time.Sleep(delay)
		delay = min(2*delay, lastRestartDelay)
	}
}

func (s *supervisor) once() (syscall.WaitStatus, error) {
	log, err := os.OpenFile(s.component.Log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return 0, err
	}
	defer log.Close()
	command := exec.Command(s.component.Command[0], s.component.Command[1:]...)
	command.Env = append(os.Environ(), s.component.Environment...)
	command.Stdout, command.Stderr = log, log
	exited, err := s.processes.start(command)
	if err != nil {
		return 0, err
	}
	s.say("started")
	return <-exited, nil
}

func (s *supervisor) say(format string, args ...any) {
	fmt.Fprintf(s.out, "%s %s: %s\n", time.Now().UTC().Format("15:04:05.000"), s.component.Name, fmt.Sprintf(format, args...))
}
