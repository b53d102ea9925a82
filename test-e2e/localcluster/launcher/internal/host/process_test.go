package host

import (
	"context"
	"os"
	"os/exec"
	"testing"
)

func TestARunningProcessIsAliveUntilKilled(t *testing.T) {
	command := exec.Command("sleep", "300")
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	defer command.Wait()
	process, err := Identify(command.Process.Pid)
	if err != nil {
		t.Fatal(err)
	}
	if !process.Alive() {
		t.Fatal("a process that was just started is not alive")
	}
	if err := process.Kill(context.Background()); err != nil {
		t.Fatal(err)
	}
	if process.Alive() {
		t.Error("alive after Kill")
	}
	if err := process.Kill(context.Background()); err != nil {
		t.Errorf("second Kill: %v", err)
	}
}

func TestAnotherProcessWithTheSamePIDIsLeftAlone(t *testing.T) {
	self, err := Identify(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	for name, other := range map[string]Process{
		"started at another time": {PID: self.PID, StartTicks: self.StartTicks + 1, Boot: self.Boot},
		"before the last boot":    {PID: self.PID, StartTicks: self.StartTicks, Boot: "another"},
	} {
		if other.Alive() {
			t.Errorf("%s: taken for alive", name)
		}
		if err := other.Kill(context.Background()); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
