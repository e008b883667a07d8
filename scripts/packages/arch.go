package main

import (
	"fmt"
	"strings"
)

// arch is an architecture by OpenWrt's name: DISTRIB_ARCH in /etc/openwrt_release.
type arch struct {
	name, target string // target of scripts/build.sh
	ipk, apk     bool   // it is in a release with opkg (23.05, 24.10); with apk (25.12)
}

// arches are the architectures of OpenWrt v23.05.6, v24.10.4 and v25.12.5, that is ARCH, CPU_TYPE
// and CPU_SUBTYPE of target/linux/*/Makefile and target/linux/*/*/target.mk there, as far as one
// of our targets runs on them. By hand:
//   - ARM without a unit for floating point runs arm5, with vfp (v2) arm6, with anything newer
//     arm7, as in golang-values.mk of the packages feed.
//   - Not here, since Go has no code for them: arm_fa526 (ARMv4), armeb_xscale, arc_archs,
//     powerpc_464fp, powerpc_8548; powerpc64_e5500 (POWER8 at the least).
var arches = []arch{
	{"aarch64_cortex-a53", "arm64", true, true},
	{"aarch64_cortex-a72", "arm64", true, true},
	{"aarch64_cortex-a76", "arm64", true, true},
	{"aarch64_generic", "arm64", true, true},
	{"arm_arm1176jzf-s_vfp", "arm6", true, true},
	{"arm_arm926ej-s", "arm5", true, true},
	{"arm_cortex-a15_neon-vfpv4", "arm7", true, true},
	{"arm_cortex-a5_vfpv4", "arm7", true, true},
	{"arm_cortex-a7", "arm5", true, true},
	{"arm_cortex-a7_neon-vfpv4", "arm7", true, true},
	{"arm_cortex-a7_vfpv4", "arm7", true, true},
	{"arm_cortex-a8_vfpv3", "arm7", true, true},
	{"arm_cortex-a9", "arm5", true, true},
	{"arm_cortex-a9_neon", "arm7", true, true},
	{"arm_cortex-a9_vfpv3-d16", "arm7", true, true},
	{"arm_mpcore", "arm5", true, false},
	{"arm_xscale", "arm5", true, true},
	{"i386_pentium-mmx", "386", true, true},
	{"i386_pentium4", "386", true, true},
	{"loongarch64_generic", "loong64", true, true},
	{"mips64_mips64r2", "mips64", true, true},
	{"mips64_octeonplus", "mips64", true, true},
	{"mips64el_mips64r2", "mips64le", true, true},
	{"mips_24kc", "mips", true, true},
	{"mips_4kec", "mips", true, false},
	{"mips_mips32", "mips", true, true},
	{"mipsel_24kc", "mipsle", true, true},
	{"mipsel_24kc_24kf", "mipsle", true, true},
	{"mipsel_74kc", "mipsle", true, true},
	{"mipsel_mips32", "mipsle", true, true},
	{"riscv64_generic", "riscv64", false, true},
	{"riscv64_riscv64", "riscv64", true, false},
	{"x86_64", "amd64", true, true},
}

// choose picks architectures by name; all when none is named.
func choose(names []string) ([]arch, error) {
	if len(names) == 0 {
		return arches, nil
	}
	var chosen []arch
	for _, name := range names {
		before := len(chosen)
		for _, a := range arches {
			if a.name == name {
				chosen = append(chosen, a)
			}
		}
		if len(chosen) == before {
			var known []string
			for _, a := range arches {
				known = append(known, a.name)
			}
			return nil, fmt.Errorf("there is no architecture %q; there are %s", name, strings.Join(known, ", "))
		}
	}
	return chosen, nil
}
