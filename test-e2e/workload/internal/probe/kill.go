package probe

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// Kill ends the one process whose command line contains -command with SIGKILL, as a crash would. It needs a pod whose containers share their
// processes, and CAP_KILL.
func Kill(_ context.Context, arguments []string) error {
	var command string
	flags := flag.NewFlagSet("kill", flag.ContinueOnError)
	flags.StringVar(&command, "command", "", "part of the command line")
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	if command == "" {
		return errors.New("command: empty (expected: part of a command line)")
	}
	found, err := processes(command)
	if err != nil {
		return err
	}
	if len(found) != 1 {
		return fmt.Errorf("processes with %q: %v (expected: one)", command, found)
	}
	return syscall.Kill(found[0], syscall.SIGKILL)
}

func processes(command string) ([]int, error) {
	files, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		return nil, err
	}
	var found []int
	for _, file := range files {
		id, err := strconv.Atoi(filepath.Base(filepath.Dir(file)))
		if err != nil || id == os.Getpid() {
			continue
		}
		line, err := os.ReadFile(file)
		if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ESRCH) {
			continue // ended meanwhile
		}
		if err != nil {
			return nil, err
		}
		if strings.Contains(string(line), command) {
			found = append(found, id)
		}
	}
	return found, nil
}
