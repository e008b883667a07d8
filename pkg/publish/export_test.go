package publish

import (
	"encoding/json"
	"fmt"
	"time"
)

// CheckState checks the properties that FuzzState is about.
func CheckState(text []byte) error {
	s, err := parseState(text)
	if err != nil {
		return nil // refusing is always right
	}
	j := journal{now: func() time.Duration { return time.Hour }}
	now := time.Now()
	for _, it := range s.Items {
		if len(it.Limit) > perHour || len(it.History) > historyLength || it.Gate.Failures > 1000 {
			return fmt.Errorf("out of bounds: %+v", it)
		}
		if d := j.time(it.Gate.Next, now).Sub(now); it.Gate.Next > 0 && d > 401*24*time.Hour {
			return fmt.Errorf("held for %v", d)
		}
	}
	again, err := json.Marshal(s)
	if err != nil {
		return fmt.Errorf("accepted but cannot be written: %w", err)
	}
	if _, err := parseState(again); err != nil {
		return fmt.Errorf("written but not accepted: %w", err)
	}
	return nil
}
