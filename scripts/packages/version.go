package main

import (
	"fmt"
	"regexp"
	"strings"
	"time"
)

// apkVersion is what apk takes for a version without its release (src/version.c of apk-tools).
var apkVersion = regexp.MustCompile(`^[0-9]+(\.[0-9]+)*[a-z]?(_(alpha|beta|pre|rc|cvs|svn|git|hg|p)[0-9]*)*(~[0-9a-f]+)?$`)

// described is what `git describe` says of a commit that has no tag of its own: the last tag and
// the commits since, or 0.0.0 when there is none; and whether files were changed.
var described = regexp.MustCompile(`^([0-9][0-9.]*)(?:-([0-9]+))?-g?([0-9a-f]{7,})(-dirty)?$`)

// packageVersion turns the program's version into one that sorts rightly for opkg and for apk:
// 1.2.3 stays, 1.2.3-rc1 becomes 1.2.3_rc1, and what is not a release gets the time of its commit
// (UTC) and the commit, 1.2.3_git20261123083700~0a1b2c3. A build of changed files has no commit to name.
func packageVersion(v string, at time.Time) (string, error) {
	if m := described.FindStringSubmatch(v); m != nil {
		version := m[1] + "_git" + at.UTC().Format("20060102150405")
		if m[4] == "" {
			version += "~" + m[3]
		}
		return version, nil
	}
	version := v
	for _, word := range []string{"alpha", "beta", "pre", "rc"} {
		version = strings.Replace(version, "-"+word, "_"+word, 1)
	}
	if !apkVersion.MatchString(version) {
		return "", fmt.Errorf("apk does not take %q for a version", v)
	}
	return version, nil
}
