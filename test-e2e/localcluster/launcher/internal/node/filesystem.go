package node

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// own are the folders in which container software keeps state at fixed paths (/run/containerd/s, /run/netns,
// /var/lib/cni, /var/lib/kubelet, /var/log/containers, ...): the node has its own, so nothing is left on the host's.
var own = []string{"/run", "/tmp", "/var"}

// prepareFileSystem turns a copy of the host's mounts into the node's.
func prepareFileSystem(specification Specification) error {
	// Nothing mounted here may reach the host, yet pods must be able to share mounts with the node.
	if err := mount("", "/", "", syscall.MS_REC|syscall.MS_PRIVATE, ""); err != nil {
		return err
	}
	if err := mount("", "/", "", syscall.MS_REC|syscall.MS_SHARED, ""); err != nil {
		return err
	}
	if err := mount("proc", "/proc", "proc", syscall.MS_NOSUID|syscall.MS_NODEV|syscall.MS_NOEXEC, ""); err != nil {
		return err
	}
	resolver, err := filepath.EvalSymlinks("/etc/resolv.conf")
	if err != nil {
		return fmt.Errorf("/etc/resolv.conf: %w", err)
	}
	kept, err := openAll(append([]string{specification.Resolver}, specification.Keep...))
	if err != nil {
		return err
	}
	defer closeAll(kept)
	if err := mount(specification.Var, "/var", "", syscall.MS_BIND, ""); err != nil {
		return err
	}
	if err := os.Symlink("/run", "/var/run"); err != nil && !os.IsExist(err) {
		return err
	}
	if err := mount("tmpfs", "/run", "tmpfs", syscall.MS_NOSUID|syscall.MS_NODEV, "mode=0755"); err != nil {
		return err
	}
	if err := mount("tmpfs", "/tmp", "tmpfs", syscall.MS_NOSUID|syscall.MS_NODEV, "mode=1777"); err != nil {
		return err
	}
	for _, folder := range kept[1:] {
		if err := restore(folder); err != nil {
			return err
		}
	}
	return bindFile(kept[0], resolver)
}

func openAll(paths []string) ([]*os.File, error) {
	var files []*os.File
	for _, path := range paths {
		file, err := os.Open(path)
		if err != nil {
			closeAll(files)
			return nil, err
		}
		files = append(files, file)
	}
	return files, nil
}

func closeAll(files []*os.File) {
	for _, file := range files {
		file.Close()
	}
}

// restore makes a folder visible again at its path if one of the node's own folders hides it.
func restore(folder *os.File) error {
	if !hidden(folder.Name()) {
		return nil
	}
	if err := os.MkdirAll(folder.Name(), 0o755); err != nil {
		return err
	}
	return mount(fmt.Sprintf("/proc/self/fd/%d", folder.Fd()), folder.Name(), "", syscall.MS_BIND, "")
}

// bindFile puts a file in another's place, whose folder may have been hidden.
func bindFile(file *os.File, target string) error {
	if hidden(target) {
		if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(target, nil, 0o644); err != nil {
			return err
		}
	}
	return mount(fmt.Sprintf("/proc/self/fd/%d", file.Fd()), target, "", syscall.MS_BIND, "")
}

func hidden(path string) bool {
	for _, folder := range own {
		if strings.HasPrefix(path, folder+"/") {
			return true
		}
	}
	return false
}

func mount(source, target, kind string, flags uintptr, data string) error {
	if err := syscall.Mount(source, target, kind, flags, data); err != nil {
		return fmt.Errorf("mount %s on %s: %w", source, target, err)
	}
	return nil
}
