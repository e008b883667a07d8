package config

import "strings"

// choose says which words are right, and which of them was probably meant.
func choose(word string, known []string) string {
	if n := nearest(word, known); n != "" {
		return "did you mean '" + n + "'?"
	}
	return "write " + either(known)
}

// either is "'a', 'b' or 'c'".
func either(words []string) string {
	if len(words) == 0 {
		return "nothing"
	}
	last := len(words) - 1
	if last == 0 {
		return "'" + words[0] + "'"
	}
	return "'" + strings.Join(words[:last], "', '") + "' or '" + words[last] + "'"
}

// nearest is the known word that a slip of the finger turns into word; "" when none is near.
func nearest(word string, known []string) string {
	if len(word) > 64 {
		return ""
	}
	word = strings.ReplaceAll(strings.ToLower(word), "-", "_")
	best, distance := "", 3
	for _, k := range known {
		d := editDistance(word, k)
		if d < distance && 2*d < len(k) {
			best, distance = k, d
		}
		if strings.TrimSuffix(word, "s") == k { // hostnames, interfaces
			return k
		}
	}
	return best
}

// editDistance is how many letters must be put in, left out or replaced to get from a to b.
func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		diagonal := row[0]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			d := diagonal
			if a[i-1] != b[j-1] {
				d++
			}
			diagonal = row[j]
			row[j] = min(d, row[j]+1, row[j-1]+1)
		}
	}
	return row[len(b)]
}
