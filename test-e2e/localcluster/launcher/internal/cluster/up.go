package cluster

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"

	"heddle.dev/localcluster/internal/component"
	"heddle.dev/localcluster/internal/host"
	"heddle.dev/localcluster/internal/image"
	"heddle.dev/localcluster/internal/layout"
	"heddle.dev/localcluster/internal/network"
	"heddle.dev/localcluster/internal/progress"
)

// Programs are the files this program brings with it.
type Programs struct {
	// Kubernetes is every component of Kubernetes.
	Kubernetes string
	// Pause is the static executable of the sandbox image.
	Pause string
}

// Up makes sure that the cluster runs and is ready. One that runs already is used as it is; what a crash has left is
// removed first; if anything fails, what had been started is removed again, but for the logs.
func Up(ctx context.Context, l layout.Layout, programs Programs, report *progress.Reporter) error {
	if os.Geteuid() != 0 {
		return errors.New("a local cluster needs root (namespaces, mounts, control groups); run this again as root")
	}
	if err := host.FindPrograms(); err != nil {
		return err
	}
	unlock, err := lock(report.Say)
	if err != nil {
		return err
	}
	defer unlock()
	reused, err := reuse(ctx, l, programs, report)
	if err != nil || reused {
		return err
	}
	if err := start(ctx, l, programs, report); err != nil {
		return errors.Join(err, tearDown(ctx, l, report))
	}
	return nil
}

func reuse(ctx context.Context, l layout.Layout, programs Programs, report *progress.Reporter) (bool, error) {
	found, err := readRecord(l)
	if err != nil {
		return false, err
	}
	if found.alive() {
		problem := newReadiness(l, found.Plan).all(ctx)
		if problem == nil {
			note := ""
			if found.Kubernetes != programs.Kubernetes {
				note = "; it runs an older build, take it down to renew it"
			}
			report.Say("cluster %s is up already and is used as it is%s", l.Name, note)
			return true, nil
		}
		report.Say("cluster %s runs but is not ready (%v): starting afresh", l.Name, problem)
	}
	existed, err := remove(ctx, l)
	if err == nil && existed {
		report.Say("what an earlier cluster %s had left is cleaned up", l.Name)
	}
	return false, err
}

func start(ctx context.Context, l layout.Layout, programs Programs, report *progress.Reporter) error {
	plan, err := freeNetwork()
	if err != nil {
		return err
	}
	if err := l.Create(); err != nil {
		return err
	}
	entry := record{Plan: plan, Kubernetes: programs.Kubernetes}
	if err := entry.write(l); err != nil {
		return err
	}
	if err := prepare(l, plan, programs, report); err != nil {
		return err
	}
	if err := release(l, entry); err != nil {
		return err
	}
	return awaitReady(ctx, l, plan, programs, report)
}

func freeNetwork() (network.Plan, error) {
	names, err := layout.Names()
	if err != nil {
		return network.Plan{}, err
	}
	taken := map[int]bool{}
	for _, name := range names {
		other, err := layout.Of(name)
		if err != nil {
			return network.Plan{}, err
		}
		found, err := readRecord(other)
		if err != nil {
			return network.Plan{}, err
		}
		if found != nil {
			taken[found.Plan.Slot] = true
		}
	}
	routes, err := host.Routes()
	if err != nil {
		return network.Plan{}, err
	}
	return network.FirstFree(taken, routes)
}

func prepare(l layout.Layout, plan network.Plan, programs Programs, report *progress.Reporter) error {
	cniFolder, err := host.CNIFolder()
	if err != nil {
		return err
	}
	nameServers := host.NameServers()
	if len(nameServers) == 0 {
		report.Say("no name server of this machine can be reached from pods: they resolve names of the cluster only")
	}
	inputs := component.Inputs{
		Layout: l, Plan: plan, Kubernetes: programs.Kubernetes, CNIFolder: cniFolder, NameServers: nameServers,
	}
	if err := inputs.Write(); err != nil {
		return err
	}
	if err := settings().Save(); err != nil {
		return err
	}
	return host.CreateCgroup(l.Cgroup())
}

// release starts the node: its first process goes on only once it is on record and linked to the host.
func release(l layout.Layout, entry record) error {
	spawned, err := host.Spawn(l.Specification(), l.Log("node"))
	if err != nil {
		return err
	}
	entry.Node = &spawned.Process
	if err := entry.write(l); err != nil {
		return err
	}
	if err := (host.Link{Plan: entry.Plan}).Create(spawned.Process.PID); err != nil {
		return err
	}
	return spawned.Release()
}

func awaitReady(ctx context.Context, l layout.Layout, plan network.Plan, programs Programs, report *progress.Reporter) error {
	node, err := readRecord(l)
	if err != nil {
		return err
	}
	ready := newReadiness(l, plan)
	// Nothing is worth waiting for once the node's first process has ended.
	guarded := func(condition func(context.Context) error) func(context.Context) error {
		return func(ctx context.Context) error {
			if !node.alive() {
				return progress.Fatal{Cause: errors.New("the node's first process has ended")}
			}
			return condition(ctx)
		}
	}
	steps := []struct {
		what      string
		limit     time.Duration
		condition func(context.Context) error
	}{
		{"containerd has the sandbox image", time.Minute, func(context.Context) error { return importPause(l, programs.Pause) }},
		{"the API server is ready", 2 * time.Minute, ready.apiServer},
		{"the cluster's own objects exist", time.Minute, ready.createObjects},
		{"node " + l.Node() + " is Ready", 2 * time.Minute, ready.node},
		{"the namespace default has its ServiceAccount", time.Minute, ready.serviceAccount},
		{"DNS answers at " + plan.DNS.String(), time.Minute, ready.dns},
	}
	for _, step := range steps {
		if err := report.Await(ctx, step.what, step.limit, guarded(step.condition)); err != nil {
			return err
		}
	}
	return nil
}

func importPause(l layout.Layout, pause string) error {
	if _, err := os.Stat(l.ContainerdSocket()); err != nil {
		return fmt.Errorf("containerd does not listen yet: %w", err)
	}
	executable, err := os.ReadFile(pause)
	if err != nil {
		return progress.Fatal{Cause: err}
	}
	file, err := os.CreateTemp(l.Folder(), "pause-*.tar")
	if err != nil {
		return progress.Fatal{Cause: err}
	}
	defer os.Remove(file.Name())
	if err := errors.Join(image.WritePause(file, executable), file.Close()); err != nil {
		return progress.Fatal{Cause: err}
	}
	return importImage(l, file.Name())
}

func importImage(l layout.Layout, file string) error {
	command := exec.Command("ctr", "--address", l.ContainerdSocket(), "--namespace", "k8s.io", "images", "import", file)
	output, err := command.CombinedOutput()
	if err != nil {
		return fmt.Errorf("import %s: %w: %s", file, err, strings.TrimSpace(string(output)))
	}
	return nil
}
