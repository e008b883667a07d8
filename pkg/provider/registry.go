package provider

import (
	"slices"
	"strings"
)

// registry is every service that wandns knows, sorted by name. The names are UCI values: they
// never change once they were released.
var registry = sorted(append(dyndns2Infos(), &cloudflareInfo, &duckdnsInfo))

func sorted(infos []*Info) []*Info {
	slices.SortFunc(infos, func(a, b *Info) int { return strings.Compare(a.Name, b.Name) })
	return infos
}

// All are the services that wandns knows, sorted by name. They are shared: do not change them.
func All() []*Info { return slices.Clone(registry) }

// Lookup is the service of that name, or nil.
func Lookup(name string) *Info {
	for _, i := range registry {
		if i.Name == name {
			return i
		}
	}
	return nil
}
