// Packages makes what people install on OpenWrt: .ipk for opkg (24.10 and older), .apk for
// apk 3 (25.12), and the indexes that make a directory of them a feed. Comes in: the source and
// the binaries of scripts/build.sh. Goes out, below DIR:
//
//	ipk/ARCH/NAME_VERSION-r1_ARCH.ipk   Packages, Packages.gz (and Packages.sig)
//	apk/ARCH/NAME-VERSION-r1.apk        packages.adb
//
// where NAME is wandns, luci-app-wandns and, for each language of the page, luci-i18n-wandns-LANG.
// Two runs on one commit give identical bytes. OpenWrt's SDK is not needed.
//
//	packages [-o DIR] [ARCH...]   all architectures, or those
//	packages version              the version that the packages have
//
// Environment:
//
//	VERSION            as for scripts/build.sh; here a version that apk accepts
//	SOURCE_DATE_EPOCH  the time of everything in the packages; else that of the last commit
//	USIGN_KEY          secret key of usign: signs Packages
//	APK_KEY            private key of apk (PEM, EC P-256): signs packages.adb
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "packages:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	root, err := findRoot()
	if err != nil {
		return err
	}
	flags := flag.NewFlagSet("packages", flag.ContinueOnError)
	out := flags.String("o", filepath.Join(root, "dist", "packages"), "directory to write to")
	if err := flags.Parse(args); err != nil {
		return err
	}
	release, err := currentRelease(root)
	if err != nil {
		return err
	}
	if flags.NArg() == 1 && flags.Arg(0) == "version" {
		fmt.Println(release.version)
		return nil
	}
	wanted, err := choose(flags.Args())
	if err != nil {
		return err
	}
	dist, err := filepath.Abs(*out)
	if err != nil {
		return err
	}
	keys, err := loadKeys(os.Getenv("USIGN_KEY"), os.Getenv("APK_KEY"))
	if err != nil {
		return err
	}
	binaries := filepath.Join(dist, "bin")
	if err := buildBinaries(root, binaries, release, wanted); err != nil {
		return err
	}
	made, err := products(root)
	if err != nil {
		return err
	}
	p := packer{root: root, out: dist, products: made, release: release, keys: keys}
	for _, a := range wanted {
		if err := p.feed(a, filepath.Join(binaries, "wandns-"+a.target)); err != nil {
			return fmt.Errorf("%s: %w", a.name, err)
		}
	}
	return nil
}

// findRoot is the repository: the first directory upwards that has the program in it.
func findRoot() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "scripts", "build.sh")); err == nil {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			return "", errors.New("not inside the repository")
		}
		dir = filepath.Dir(dir)
	}
}

// release is what all packages of one run have in common.
type release struct {
	version string // of the program, as apk and opkg both take it
	time    time.Time
}

func currentRelease(root string) (release, error) {
	described, err := buildScript(root, nil, "version")
	if err != nil {
		return release{}, err
	}
	epoch, err := buildScript(root, nil, "time")
	if err != nil {
		return release{}, err
	}
	seconds, err := strconv.ParseInt(epoch, 10, 64)
	if err != nil {
		return release{}, fmt.Errorf("the time of the release: %w", err)
	}
	at := time.Unix(seconds, 0).UTC()
	version, err := packageVersion(described, at)
	return release{version, at}, err
}

// buildScript asks the one place that knows how the program is built.
func buildScript(root string, env []string, args ...string) (string, error) {
	cmd := exec.Command(filepath.Join(root, "scripts", "build.sh"), args...)
	cmd.Env = append(os.Environ(), env...)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("scripts/build.sh %s: %w", strings.Join(args, " "), err)
	}
	return strings.TrimSpace(string(out)), nil
}

func buildBinaries(root, dir string, r release, wanted []arch) error {
	var targets []string
	for _, a := range wanted {
		if !slices.Contains(targets, a.target) {
			targets = append(targets, a.target)
		}
	}
	env := []string{"VERSION=" + r.version, "SOURCE_DATE_EPOCH=" + strconv.FormatInt(r.time.Unix(), 10)}
	_, err := buildScript(root, env, append([]string{"build", "-o", dir}, targets...)...)
	return err
}
