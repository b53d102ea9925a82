// Command localcluster brings up a real one-node Kubernetes on a Linux machine without a container engine, and takes
// it down again without a trace. See the README beside it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"heddle.dev/localcluster/internal/cluster"
	"heddle.dev/localcluster/internal/layout"
	"heddle.dev/localcluster/internal/node"
	"heddle.dev/localcluster/internal/progress"
)

const usage = `usage: localcluster COMMAND [--name NAME] [ARGUMENT...]

  up                  start the cluster, or use it if it is up; prints the line that exports KUBECONFIG
  down                remove the cluster and every trace of it, also after a crash
  status              list all clusters
  load-image FILE...  import image tars (Docker format or OCI layout)
  enter COMMAND...    run a command of the host in the node's network and PID namespaces
  kubectl ARGUMENT... run kubectl as the cluster's administrator

NAME is "dev" unless given; clusters of different names run side by side.
`

// Environment variables by which localcluster says where the built programs are.
const (
	kubernetesVariable = "LOCALCLUSTER_KUBERNETES"
	pauseVariable      = "LOCALCLUSTER_PAUSE"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	err := run(ctx, os.Args[1:])
	stop()
	if err != nil {
		fmt.Fprintf(os.Stderr, "localcluster: %v\n", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, arguments []string) error {
	if len(arguments) == 0 {
		return errors.New("command: missing\n" + usage)
	}
	command, arguments := arguments[0], arguments[1:]
	if command == "node" && len(arguments) == 1 {
		return node.Main(arguments[0])
	}
	flags := flag.NewFlagSet(command, flag.ContinueOnError)
	flags.Usage = func() { fmt.Fprint(os.Stderr, usage) }
	name := flags.String("name", "dev", "which cluster")
	if err := flags.Parse(arguments); errors.Is(err, flag.ErrHelp) {
		return nil
	} else if err != nil {
		return err
	}
	l, err := layout.Of(*name)
	if err != nil {
		return err
	}
	report := progress.NewReporter(os.Stderr)
	switch command {
	case "up":
		return up(ctx, l, report)
	case "down":
		return cluster.Down(ctx, l, report)
	case "status":
		return cluster.Status(ctx, os.Stdout)
	case "load-image":
		if flags.NArg() == 0 {
			return errors.New("load-image: no file given")
		}
		return cluster.LoadImages(l, flags.Args(), report)
	case "enter":
		if flags.NArg() == 0 {
			return errors.New("enter: no command given")
		}
		return cluster.Enter(l, flags.Args())
	case "kubectl":
		return cluster.Kubectl(l, os.Getenv(kubernetesVariable), flags.Args())
	case "help":
		fmt.Print(usage)
		return nil
	default:
		return fmt.Errorf("command: %s (expected: one of those below)\n%s", command, usage)
	}
}

func up(ctx context.Context, l layout.Layout, report *progress.Reporter) error {
	programs := cluster.Programs{Kubernetes: os.Getenv(kubernetesVariable), Pause: os.Getenv(pauseVariable)}
	if programs.Kubernetes == "" || programs.Pause == "" {
		return fmt.Errorf("%s and %s: not set (expected: the programs built by localcluster, which sets them)", kubernetesVariable, pauseVariable)
	}
	if err := cluster.Up(ctx, l, programs, report); err != nil {
		return err
	}
	// Alone on standard output, so that a shell can evaluate it.
	fmt.Printf("export KUBECONFIG=%s\n", l.Kubeconfig())
	return nil
}
