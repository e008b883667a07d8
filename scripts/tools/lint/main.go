// Command lint runs every check of staticcheck together with those analyzers of the Go team
// that go vet leaves out, in one pass over the packages. What it checks, and the reason for
// each check that is off, stands in staticcheck.conf at the root of the repository.
package main

import (
	"os"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/passes/atomicalign"
	"golang.org/x/tools/go/analysis/passes/deepequalerrors"
	"golang.org/x/tools/go/analysis/passes/nilness"
	"golang.org/x/tools/go/analysis/passes/reflectvaluecompare"
	"golang.org/x/tools/go/analysis/passes/sortslice"
	"golang.org/x/tools/go/analysis/passes/unusedwrite"
	"golang.org/x/tools/go/analysis/passes/waitgroup"
	"honnef.co/go/tools/lintcmd"
	"honnef.co/go/tools/lintcmd/version"
	"honnef.co/go/tools/simple"
	"honnef.co/go/tools/staticcheck"
	"honnef.co/go/tools/stylecheck"
	"honnef.co/go/tools/unused"
)

func main() {
	cmd := lintcmd.NewCommand("lint")
	cmd.SetVersion(version.Version, version.MachineVersion)
	cmd.ParseFlags(os.Args[1:])
	cmd.AddAnalyzers(simple.Analyzers...)
	cmd.AddAnalyzers(staticcheck.Analyzers...)
	cmd.AddAnalyzers(stylecheck.Analyzers...)
	cmd.AddAnalyzers(unused.Analyzer)
	for _, a := range []*analysis.Analyzer{
		atomicalign.Analyzer, // 64-bit atomics on 32-bit routers
		deepequalerrors.Analyzer,
		nilness.Analyzer,
		reflectvaluecompare.Analyzer,
		sortslice.Analyzer,
		unusedwrite.Analyzer,
		waitgroup.Analyzer,
	} {
		cmd.AddBareAnalyzers(named(a))
	}
	cmd.Run()
}

// named is an analyzer whose findings go by its own name. The command takes the category of a
// finding, where there is one, for the name of a check, and drops it because no such check is on.
func named(a *analysis.Analyzer) *analysis.Analyzer {
	n := *a
	n.Run = func(pass *analysis.Pass) (any, error) {
		p := *pass
		p.Report = func(d analysis.Diagnostic) {
			d.Category = ""
			pass.Report(d)
		}
		return a.Run(&p)
	}
	return &n
}
