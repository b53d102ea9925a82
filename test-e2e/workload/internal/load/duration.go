package load

import (
	"encoding/json"
	"fmt"
	"time"
)

// Duration is written as "200ms" in JSON.
type Duration time.Duration

func (d Duration) String() string { return time.Duration(d).String() }

// Set makes it a flag.
func (d *Duration) Set(text string) error {
	parsed, err := time.ParseDuration(text)
	if err != nil {
		return err
	}
	*d = Duration(parsed)
	return nil
}

// MarshalJSON writes "200ms".
func (d Duration) MarshalJSON() ([]byte, error) { return json.Marshal(d.String()) }

// UnmarshalJSON reads "200ms".
func (d *Duration) UnmarshalJSON(data []byte) error {
	var text string
	if err := json.Unmarshal(data, &text); err != nil {
		return fmt.Errorf("duration: %s (expected: a string such as \"200ms\")", data)
	}
	return d.Set(text)
}
