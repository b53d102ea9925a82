package host

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// kernelSettings are those of the whole machine that a cluster changes: the first so that pods reach the world, the
// others because the kubelet sets them when it starts.
var kernelSettings = []string{
	"net/ipv4/ip_forward",
	"vm/overcommit_memory",
	"vm/panic_on_oom",
	"kernel/panic",
	"kernel/panic_on_oops",
	"kernel/keys/root_maxkeys",
	"kernel/keys/root_maxbytes",
}

// KernelSettings remembers, in a file, what the machine's settings were before the first cluster came up.
type KernelSettings struct{ File string }

// Save records the present settings unless an earlier cluster already has, and allows forwarding.
func (k KernelSettings) Save() error {
	if _, err := os.Stat(k.File); errors.Is(err, fs.ErrNotExist) {
		if err := k.record(); err != nil {
			return err
		}
	} else if err != nil {
		return err
	}
	return writeSetting("net/ipv4/ip_forward", "1")
}

// Restore puts back what Save recorded and forgets it.
func (k KernelSettings) Restore() error {
	content, err := os.ReadFile(k.File)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	var values map[string]string
	if err := json.Unmarshal(content, &values); err != nil {
		return fmt.Errorf("%s: %w", k.File, err)
	}
	for name, before := range values {
		now, err := readSetting(name)
		if err != nil {
			return err
		}
		if now == before {
			continue
		}
		if err := writeSetting(name, before); err != nil {
			return err
		}
	}
	return os.Remove(k.File)
}

func (k KernelSettings) record() error {
	values := map[string]string{}
	for _, name := range kernelSettings {
		value, err := readSetting(name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		values[name] = value
	}
	content, err := json.MarshalIndent(values, "", "  ")
	if err != nil {
		return fmt.Errorf("kernel settings: %w", err)
	}
	return WriteAtomically(k.File, content)
}

// WriteAtomically replaces a file such that a reader, or a crash, meets the old or the new content, never half of it.
func WriteAtomically(path string, content []byte) error {
	temporary, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-")
	if err != nil {
		return err
	}
	defer os.Remove(temporary.Name())
	_, err = temporary.Write(content)
	if err := errors.Join(err, temporary.Close()); err != nil {
		return err
	}
	return os.Rename(temporary.Name(), path)
}

func readSetting(name string) (string, error) {
	content, err := os.ReadFile(filepath.Join("/proc/sys", name))
	return strings.TrimSpace(string(content)), err
}

func writeSetting(name, value string) error {
	if err := os.WriteFile(filepath.Join("/proc/sys", name), []byte(value), 0); err != nil {
		return fmt.Errorf("kernel setting %s=%s: %w", name, value, err)
	}
	return nil
}
