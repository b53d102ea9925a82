// Package traces tests, with real clusters, that one leaves nothing behind, whatever ends it and whenever. It runs by
// "localcluster test", as root; without LOCALCLUSTER_LAUNCHER it is skipped.
package traces

import (
	"bytes"
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"heddle.dev/localcluster/internal/layout"
	"heddle.dev/localcluster/internal/network"
)

const (
	name  = "traces"
	limit = 20 * time.Second
)

func TestDownAfterAnUndisturbedLifeLeavesNothing(t *testing.T) {
	launcher := newLauncher(t)
	before := takeSnapshot(t)
	launcher.run("up", "--name", name)
	runPod(launcher)
	inside := namespacesOf(t, recordedNode(t))
	launcher.run("down", "--name", name)
	before.assertUnchanged(t, inside)
}

func TestDownTwiceIsNoError(t *testing.T) {
	launcher := newLauncher(t)
	before := takeSnapshot(t)
	launcher.run("down", "--name", name)
	launcher.run("down", "--name", name)
	before.assertUnchanged(t, nil)
}

func TestUpTwiceUsesTheClusterThatIsUp(t *testing.T) {
	launcher := newLauncher(t)
	launcher.run("up", "--name", name)
	first := recordedNode(t)
	launcher.run("up", "--name", name)
	if second := recordedNode(t); second != first {
		t.Errorf("node: process %d (expected: still %d)", second, first)
	}
}

func TestDownAfterComponentsWereKilledLeavesNothing(t *testing.T) {
	for _, victim := range []string{"kubelet", "containerd", "kube-apiserver", "etcd", "containerd-shim-runc-v2"} {
		t.Run(victim, func(t *testing.T) {
			launcher := newLauncher(t)
			before := takeSnapshot(t)
			launcher.run("up", "--name", name)
			runPod(launcher)
			inside := namespacesOf(t, recordedNode(t))
			kill(t, processNamed(t, inside, victim))
			launcher.run("down", "--name", name)
			before.assertUnchanged(t, inside)
		})
	}
}

func TestAComponentThatWasKilledComesBack(t *testing.T) {
	launcher := newLauncher(t)
	launcher.run("up", "--name", name)
	inside := namespacesOf(t, recordedNode(t))
	victim := processNamed(t, inside, "kube-apiserver")
	kill(t, victim)
	eventually(t, func() error {
		if output, err := launcher.try("status"); err != nil || !strings.Contains(output, name+": ready") {
			return fmt.Errorf("status: %s %v", output, err)
		}
		return nil
	})
	if successor := processNamed(t, inside, "kube-apiserver"); successor == victim {
		t.Errorf("kube-apiserver: process %d (expected: another one)", successor)
	}
}

func TestUpAfterTheNodeWasKilledStartsAfreshAndLeavesNothing(t *testing.T) {
	launcher := newLauncher(t)
	before := takeSnapshot(t)
	launcher.run("up", "--name", name)
	runPod(launcher)
	inside := namespacesOf(t, recordedNode(t))
	kill(t, recordedNode(t))
	launcher.run("up", "--name", name)
	successor := namespacesOf(t, recordedNode(t))
	launcher.run("down", "--name", name)
	before.assertUnchanged(t, append(inside, successor...))
}

func TestDownAfterTheLauncherWasKilledHalfWayLeavesNothing(t *testing.T) {
	for _, after := range []time.Duration{5, 20, 60, 150, 400, 1500, 4000} {
		after *= time.Millisecond
		t.Run(after.String(), func(t *testing.T) {
			launcher := newLauncher(t)
			before := takeSnapshot(t)
			command := launcher.command("up", "--name", name)
			if err := command.Start(); err != nil {
				t.Fatal(err)
			}
			// Not a wait for something to happen: the moment of the crash is what is being varied.
			time.Sleep(after)
			command.Process.Kill()
			command.Wait()
			launcher.run("down", "--name", name)
			before.assertUnchanged(t, nil)
			assertNoNode(t)
		})
	}
}

func TestInterruptedUpCleansUpByItself(t *testing.T) {
	launcher := newLauncher(t)
	before := takeSnapshot(t)
	command := launcher.command("up", "--name", name)
	var said bytes.Buffer
	command.Stdout, command.Stderr = &said, &said
	t.Cleanup(func() { t.Log(said.String()) })
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	eventually(t, func() error { _, err := os.Stat(filepath.Join(layout.Base, name, "containerd.sock")); return err })
	command.Process.Signal(syscall.SIGINT)
	if command.Wait() == nil {
		t.Error("up: succeeded although interrupted")
	}
	before.assertUnchanged(t, nil)
	assertNoNode(t)
}

func TestTwoClustersDoNotDisturbEachOther(t *testing.T) {
	const other = name + "-other"
	launcher := newLauncher(t)
	t.Cleanup(func() { launcher.run("down", "--name", other) })
	before := takeSnapshot(t)
	launcher.run("up", "--name", name)
	launcher.run("up", "--name", other)
	launcher.run("down", "--name", name)
	if output, err := launcher.try("status"); err != nil || !strings.Contains(output, other+": ready") {
		t.Errorf("status after the other one went down: %s %v", output, err)
	}
	launcher.run("down", "--name", other)
	before.assertUnchanged(t, nil)
}

// launcher runs the program under test.
type launcher struct {
	t    *testing.T
	path string
}

func newLauncher(t *testing.T) *launcher {
	path := os.Getenv("LOCALCLUSTER_LAUNCHER")
	if path == "" {
		t.Skip("LOCALCLUSTER_LAUNCHER is not set: run this by \"localcluster test\"")
	}
	l := &launcher{t: t, path: path}
	t.Cleanup(func() { l.run("down", "--name", name) })
	return l
}

func (l *launcher) command(arguments ...string) *exec.Cmd { return exec.Command(l.path, arguments...) }

func (l *launcher) try(arguments ...string) (string, error) {
	output, err := l.command(arguments...).CombinedOutput()
	return string(output), err
}

func (l *launcher) run(arguments ...string) {
	l.t.Helper()
	if output, err := l.try(arguments...); err != nil {
		l.t.Fatalf("localcluster %s: %v\n%s", strings.Join(arguments, " "), err, output)
	}
}

// runPod gives the node mounts, network devices and processes of the kind that pods have.
func runPod(l *launcher) {
	l.t.Helper()
	l.run("kubectl", "--name", name, "run", "pod", "--image=heddle.dev/localcluster-pause:1", "--image-pull-policy=Never")
	l.run("kubectl", "--name", name, "wait", "--for=condition=Ready", "pod/pod", "--timeout=60s")
}

// record is what the launcher keeps of a cluster.
type record struct {
	Plan network.Plan
	Node struct{ PID int }
}

func readRecord(cluster string) (record, error) {
	var found record
	content, err := os.ReadFile(filepath.Join(layout.Base, cluster, "record.json"))
	if err != nil {
		return found, err
	}
	return found, json.Unmarshal(content, &found)
}

func recordedNode(t *testing.T) int {
	t.Helper()
	found, err := readRecord(name)
	if err != nil {
		t.Fatal(err)
	}
	return found.Node.PID
}

func kill(t *testing.T, pid int) {
	t.Helper()
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatalf("kill %d: %v", pid, err)
	}
}

// namespacesOf returns the namespaces that a node's first process made; pods have more of them, all younger.
func namespacesOf(t *testing.T, pid int) []string {
	t.Helper()
	var namespaces []string
	for _, kind := range []string{"pid", "net", "mnt"} {
		namespace, err := os.Readlink(fmt.Sprintf("/proc/%d/ns/%s", pid, kind))
		if err != nil {
			t.Fatal(err)
		}
		namespaces = append(namespaces, namespace)
	}
	return namespaces
}

func processNamed(t *testing.T, namespaces []string, program string) int {
	t.Helper()
	for _, pid := range processesIn(t, namespaces) {
		command, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
		if err != nil {
			continue
		}
		arguments := strings.Split(string(command), "\x00")
		for _, argument := range arguments[:min(2, len(arguments))] {
			if filepath.Base(argument) == program {
				return pid
			}
		}
	}
	t.Fatalf("%s: no such process in the node", program)
	return 0
}

func processesIn(t *testing.T, namespaces []string) []int {
	t.Helper()
	entries, err := os.ReadDir("/proc")
	if err != nil {
		t.Fatal(err)
	}
	var found []int
	for _, entry := range entries {
		pid, err := strconv.Atoi(entry.Name())
		if err != nil {
			continue
		}
		for _, kind := range []string{"pid", "net", "mnt"} {
			namespace, err := os.Readlink(filepath.Join("/proc", entry.Name(), "ns", kind))
			if err == nil && slices.Contains(namespaces, namespace) {
				found = append(found, pid)
				break
			}
		}
	}
	return found
}

// assertNoNode finds nodes that are on no record: first processes of ours with a specification of this test.
func assertNoNode(t *testing.T) {
	t.Helper()
	eventually(t, func() error {
		commands, err := filepath.Glob("/proc/[0-9]*/cmdline")
		if err != nil {
			return err
		}
		for _, file := range commands {
			command, err := os.ReadFile(file)
			if err == nil && strings.Contains(string(command), "/"+name+"/node.json") {
				return fmt.Errorf("%s: %q is still there", file, command)
			}
		}
		return nil
	})
}

// snapshot is what of the machine a cluster could leave a trace in.
type snapshot map[string][]string

// foreign matches lines that are about other clusters, which come and go meanwhile.
func foreign() (*regexp.Regexp, error) {
	patterns := []string{"mmdebstrap", "^$"}
	clusters, err := layout.Names()
	if err != nil {
		return nil, err
	}
	for _, cluster := range clusters {
		if strings.HasPrefix(cluster, name) {
			continue
		}
		// Besides its own names: what all clusters share stays until the last of them goes.
		patterns = append(patterns, `heddle-localcluster-`+cluster+`(/|$)`, `^/var/lib/heddle`, `^(net|vm|kernel)/`)
		other, err := readRecord(cluster)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		patterns = append(patterns, fmt.Sprintf(`heddle-(lc|localcluster-)%d\b|\b10\.%d\.`, other.Plan.Slot, other.Plan.Host.As4()[1]))
	}
	return regexp.Compile(strings.Join(patterns, "|"))
}

func takeSnapshot(t *testing.T) snapshot {
	t.Helper()
	taken, err := newSnapshot()
	if err != nil {
		t.Fatal(err)
	}
	return taken
}

func newSnapshot() (snapshot, error) {
	taken := snapshot{}
	for what, list := range map[string]func() ([]string, error){
		"mounts":          linesOf("/proc/self/mountinfo"),
		"links":           outputOf("ip", "-brief", "link", "show"),
		"routes":          outputOf("ip", "route", "show", "table", "all"),
		"rules":           outputOf("nft", "list", "tables"),
		"cgroups":         cgroups,
		"kernel settings": kernelSettings,
		"files":           files,
	} {
		lines, err := list()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", what, err)
		}
		taken[what] = lines
	}
	return taken, nil
}

// assertUnchanged compares the machine with an earlier state of it; what the kernel still has to clear away is given
// some time.
func (s snapshot) assertUnchanged(t *testing.T, namespaces []string) {
	t.Helper()
	eventually(t, func() error {
		// A dead process stays visible until the host's first process has reaped it.
		if left := processesIn(t, namespaces); len(left) > 0 {
			return fmt.Errorf("processes of the node: %v (expected: none)", left)
		}
		now, err := newSnapshot()
		if err != nil {
			return err
		}
		foreign, err := foreign()
		if err != nil {
			return err
		}
		for what, before := range s {
			if line := firstMissing(now[what], before, foreign); line != "" {
				return fmt.Errorf("%s: left behind: %s", what, line)
			}
			if line := firstMissing(before, now[what], foreign); line != "" {
				return fmt.Errorf("%s: gone: %s", what, line)
			}
		}
		return nil
	})
}

// firstMissing returns the first line of some that is not among others, or nothing.
func firstMissing(some, others []string, foreign *regexp.Regexp) string {
	for _, line := range some {
		if !foreign.MatchString(line) && !slices.Contains(others, line) {
			return line
		}
	}
	return ""
}

func outputOf(arguments ...string) func() ([]string, error) {
	return func() ([]string, error) {
		output, err := exec.Command(arguments[0], arguments[1:]...).Output()
		return strings.Split(string(output), "\n"), err
	}
}

func linesOf(path string) func() ([]string, error) {
	return func() ([]string, error) {
		file, err := os.Open(path)
		if err != nil {
			return nil, err
		}
		defer file.Close()
		var lines []string
		scanner := bufio.NewScanner(file)
		for scanner.Scan() {
			lines = append(lines, scanner.Text())
		}
		return lines, scanner.Err()
	}
}

func cgroups() ([]string, error) {
	var groups []string
	err := filepath.WalkDir("/sys/fs/cgroup", func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.IsDir() && strings.Contains(path, "heddle") {
			groups = append(groups, path)
		}
		return nil
	})
	return groups, err
}

func kernelSettings() ([]string, error) {
	var values []string
	for _, setting := range []string{
		"net/ipv4/ip_forward", "vm/overcommit_memory", "vm/panic_on_oom", "kernel/panic", "kernel/panic_on_oops",
		"kernel/keys/root_maxkeys", "kernel/keys/root_maxbytes",
	} {
		value, err := os.ReadFile(filepath.Join("/proc/sys", setting))
		if err != nil {
			return nil, err
		}
		values = append(values, setting+"="+strings.TrimSpace(string(value)))
	}
	return values, nil
}

// files are those places where container software keeps what outlives it.
func files() ([]string, error) {
	var paths []string
	for _, pattern := range []string{
		"/run/*", "/run/containerd/*", "/run/containerd/s/*", "/run/netns/*", "/run/runc/*", "/var/lib/*", "/var/lib/cni/*",
		"/var/lib/kubelet/*", "/var/log/*", "/var/log/pods/*", "/etc/cni/*", "/etc/kubernetes/*", "/tmp/localcluster-*",
		"/tmp/pause-*",
	} {
		matches, err := filepath.Glob(pattern)
		if err != nil {
			return nil, err
		}
		paths = append(paths, matches...)
	}
	return paths, nil
}

func eventually(t *testing.T, condition func() error) {
	t.Helper()
	deadline := time.Now().Add(limit)
	for {
		err := condition()
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			t.Errorf("not after %s: %v", limit, err)
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
}
