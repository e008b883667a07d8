package config

import (
	"errors"
	"strconv"
	"time"
)

// units of a duration, the largest first, in which order they must be written.
var units = []struct {
	letter byte
	length time.Duration
}{{'d', 24 * time.Hour}, {'h', time.Hour}, {'m', time.Minute}, {'s', time.Second}}

// maxDuration is ten years: more is a mistake, and it keeps clear of overflow.
const maxDuration = 3650 * 24 * time.Hour

var (
	errNoDuration = errors.New("is not a duration; write it like 90s, 10m, 2h, 25d or 1d12h")
	errTooLong    = errors.New("is longer than ten years")
)

// ParseDuration reads a duration as UCI files of wandns have it: whole numbers with the units
// d, h, m, s, the larger first, each at the most once: "90s", "10m", "1d12h", and "0".
// From 0 to ten years.
func ParseDuration(text string) (time.Duration, error) {
	if text == "0" {
		return 0, nil
	}
	if text != "" && countDigits(text) == len(text) {
		return 0, errors.New("has no unit; write " + text + "s for seconds, " + text + "m for minutes")
	}
	var sum time.Duration
	for _, u := range units {
		digits := countDigits(text)
		if digits == 0 || digits == len(text) || text[digits] != u.letter {
			continue
		}
		n, err := strconv.ParseUint(text[:digits], 10, 32)
		if err != nil || time.Duration(n) > maxDuration/u.length {
			return 0, errTooLong
		}
		sum += time.Duration(n) * u.length
		if text = text[digits+1:]; text == "" {
			if sum > maxDuration {
				return 0, errTooLong
			}
			return sum, nil
		}
	}
	return 0, errNoDuration
}

// countDigits is how many digits text begins with.
func countDigits(text string) int {
	n := 0
	for n < len(text) && text[n] >= '0' && text[n] <= '9' {
		n++
	}
	return n
}

// FormatDuration writes a duration of whole seconds in the form that ParseDuration reads.
func FormatDuration(d time.Duration) string {
	text := ""
	for _, u := range units {
		if n := d / u.length; n > 0 {
			text += strconv.FormatInt(int64(n), 10) + string(rune(u.letter))
			d -= n * u.length
		}
	}
	if text == "" {
		return "0"
	}
	return text
}
