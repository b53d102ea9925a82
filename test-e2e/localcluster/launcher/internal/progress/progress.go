// Package progress tells the person who waits what is being waited for and for how long already.
package progress

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"
)

const (
	pollInterval     = 100 * time.Millisecond
	reminderInterval = 5 * time.Second
)

// Reporter prints one line per event, with the seconds since it was made.
type Reporter struct {
	out   io.Writer
	begin time.Time
}

// NewReporter starts the clock.
func NewReporter(out io.Writer) *Reporter { return &Reporter{out: out, begin: time.Now()} }

// Say prints one line.
func (r *Reporter) Say(format string, args ...any) {
	fmt.Fprintf(r.out, "[%5.1f s] %s\n", time.Since(r.begin).Seconds(), fmt.Sprintf(format, args...))
}

// Await asks condition until it returns nil, at most for limit. Every five seconds it says what is still missing; on
// time-out the error names what was awaited and the last reason. A Fatal error ends the wait at once.
func (r *Reporter) Await(ctx context.Context, what string, limit time.Duration, condition func(context.Context) error) error {
	begin := time.Now()
	reminder := begin.Add(reminderInterval)
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	ticker := time.NewTicker(pollInterval)
	defer ticker.Stop()
	var last error
	for {
		err := condition(ctx)
		if err == nil {
			r.Say("%s (%.1f s)", what, time.Since(begin).Seconds())
			return nil
		}
		var fatal Fatal
		if errors.As(err, &fatal) {
			return fmt.Errorf("%s: %w", what, err)
		}
		if last == nil || ctx.Err() == nil {
			last = err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s: not after %s: %w", what, limit, last)
		case now := <-ticker.C:
			if now.After(reminder) {
				r.Say("waiting for: %s: %v", what, last)
				reminder = now.Add(reminderInterval)
			}
		}
	}
}

// Fatal marks a cause that no more waiting will mend.
type Fatal struct{ Cause error }

func (f Fatal) Error() string { return f.Cause.Error() }

func (f Fatal) Unwrap() error { return f.Cause }
