package provider

import (
	"slices"
	"sort"
)

// registry is every service that has a driver of its own; services.txt describes the others.
// The names are UCI values: they never change once they were released.
var registry = []*Info{&cloudflareInfo, &duckdnsInfo, &dyndns2Info}

// modules are the services that each have a file of their own, with a build tag of its own: no_desec
// leaves deSEC out, minimal leaves all of them out.
var modules []*Info

// add is called once for each of those files, before main begins.
func add(info *Info) struct{} {
	modules = append(modules, info)
	return struct{}{}
}

func sorted(infos []*Info) []*Info {
	sort.Slice(infos, func(i, j int) bool { return infos[i].Name < infos[j].Name })
	return infos
}

// All are the services that wandns knows, sorted by name. Those with a driver of their own are
// shared: do not change them. The others are made at each call.
func All() []*Info { return sorted(slices.Concat(registry, modules, describedAll())) }

// Lookup is the service of that name, or nil.
func Lookup(name string) *Info {
	for _, own := range [][]*Info{registry, modules} {
		for _, i := range own {
			if i.Name == name {
				return i
			}
		}
	}
	return described(name)
}
