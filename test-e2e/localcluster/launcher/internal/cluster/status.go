package cluster

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"syscall"
	"time"

	"heddle.dev/localcluster/internal/layout"
	"heddle.dev/localcluster/internal/progress"
)

// Status prints one paragraph per cluster.
func Status(ctx context.Context, out io.Writer) error {
	names, err := layout.Names()
	if err != nil {
		return err
	}
	if len(names) == 0 {
		fmt.Fprintln(out, "no cluster")
	}
	for _, name := range names {
		if err := describe(ctx, name, out); err != nil {
			return err
		}
	}
	return nil
}

func describe(ctx context.Context, name string, out io.Writer) error {
	l, err := layout.Of(name)
	if err != nil {
		return err
	}
	found, err := readRecord(l)
	if err != nil {
		return err
	}
	if !found.alive() {
		fmt.Fprintf(out, "%s: not running, what is left of it lies in %s\n", name, l.Folder())
		return nil
	}
	age, err := found.Node.Age()
	if err != nil {
		return err
	}
	state := "ready"
	if problem := newReadiness(l, found.Plan).all(ctx); problem != nil {
		state = fmt.Sprintf("not ready: %v", problem)
	}
	fmt.Fprintf(out, "%s: %s; running for %s as process %d\n", name, state, age.Round(time.Second), found.Node.PID)
	fmt.Fprintf(out, "  node %s, pods %s, Services %s\n", found.Plan.Node, found.Plan.Pods, found.Plan.Services)
	fmt.Fprintf(out, "  logs %s\n  export KUBECONFIG=%s\n", l.Log("*"), l.Kubeconfig())
	return nil
}

// LoadImages imports image tars, Docker format or OCI layout, into the cluster's containerd.
func LoadImages(l layout.Layout, files []string, report *progress.Reporter) error {
	if _, err := running(l); err != nil {
		return err
	}
	for _, file := range files {
		begin := time.Now()
		if err := importImage(l, file); err != nil {
			return err
		}
		report.Say("imported %s (%.1f s)", file, time.Since(begin).Seconds())
	}
	return nil
}

// Enter replaces this program by a command that runs in the node's network and PID namespaces, with the host's file
// system: packet captures, nft and ip see what the node sees. It ends with the node.
func Enter(l layout.Layout, arguments []string) error {
	found, err := running(l)
	if err != nil {
		return err
	}
	nsenter, err := exec.LookPath("nsenter")
	if err != nil {
		return err
	}
	command := append([]string{"nsenter", "--target", strconv.Itoa(found.Node.PID), "--net", "--pid", "--"}, arguments...)
	return syscall.Exec(nsenter, command, os.Environ())
}

// Kubectl replaces this program by kubectl as the cluster's administrator.
func Kubectl(l layout.Layout, kubernetes string, arguments []string) error {
	if _, err := running(l); err != nil {
		return err
	}
	environment := append(os.Environ(), "KUBECONFIG="+l.Kubeconfig())
	return syscall.Exec(kubernetes, append([]string{kubernetes, "kubectl"}, arguments...), environment)
}

func running(l layout.Layout) (*record, error) {
	found, err := readRecord(l)
	if err != nil {
		return nil, err
	}
	if !found.alive() {
		return nil, errors.New("cluster " + l.Name + " is not running")
	}
	return found, nil
}
