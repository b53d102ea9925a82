package progress

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"time"
)

func TestAwaitNamesWhatWasAwaitedAndTheLastReason(t *testing.T) {
	err := NewReporter(io.Discard).Await(context.Background(), "the sun rises", 250*time.Millisecond,
		func(context.Context) error { return errors.New("still night") })
	if err == nil || !strings.Contains(err.Error(), "the sun rises") || !strings.Contains(err.Error(), "still night") {
		t.Errorf("error: %v", err)
	}
}

func TestAwaitEndsAtOnceOnAFatalCause(t *testing.T) {
	begin := time.Now()
	err := NewReporter(io.Discard).Await(context.Background(), "reply", time.Minute,
		func(context.Context) error { return Fatal{errors.New("it is dead")} })
	if err == nil || time.Since(begin) > 10*time.Second {
		t.Errorf("error: %v after %s", err, time.Since(begin))
	}
}

func TestAwaitReturnsWhenTheConditionHolds(t *testing.T) {
	var out strings.Builder
	asked := 0
	err := NewReporter(&out).Await(context.Background(), "third time", time.Minute, func(context.Context) error {
		if asked++; asked < 3 {
			return errors.New("not yet")
		}
		return nil
	})
	if err != nil || asked != 3 || !strings.Contains(out.String(), "third time") {
		t.Errorf("error: %v, asked: %d, printed: %q", err, asked, out.String())
	}
}
