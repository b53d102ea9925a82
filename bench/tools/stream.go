package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
)

const messageSize = 100

// stream plays ping-pong on gRPC streams and counts the messages that came back.
func stream(ctx context.Context, arguments []string) error {
	flags := flag.NewFlagSet("stream", flag.ContinueOnError)
	target := flags.String("target", "", "host and port")
	streams := flags.Int("streams", 16, "at the same time, all on one connection")
	duration := flags.Duration("duration", 5*time.Second, "how long")
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	connection, err := grpc.NewClient("passthrough:///"+*target, grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithDefaultCallOptions(grpc.ForceCodec(raw{})))
	if err != nil {
		return err
	}
	defer connection.Close()

	var count atomic.Int64
	problems := make([]error, *streams)
	var running sync.WaitGroup
	begin := time.Now()
	end := begin.Add(*duration)
	for i := range *streams {
		running.Go(func() { problems[i] = pingPong(ctx, connection, end, &count) })
	}
	running.Wait()
	if err := errors.Join(problems...); err != nil {
		return err
	}
	return tell(count.Load(), 0, begin)
}

func pingPong(ctx context.Context, connection *grpc.ClientConn, end time.Time, count *atomic.Int64) error {
	ctx, cancel := context.WithDeadline(ctx, end.Add(10*time.Second))
	defer cancel()
	stream, err := connection.NewStream(ctx, &grpc.StreamDesc{ServerStreams: true, ClientStreams: true}, streamMethod)
	if err != nil {
		return err
	}
	sent := make([]byte, messageSize)
	received := new([]byte)
	for time.Now().Before(end) {
		if err := stream.SendMsg(&sent); err != nil {
			return err
		}
		if err := stream.RecvMsg(received); err != nil {
			return err
		}
		if len(*received) != messageSize {
			return fmt.Errorf("message: %d bytes (expected: %d)", len(*received), messageSize)
		}
		count.Add(1)
	}
	return stream.CloseSend()
}
