#!/bin/sh
# What a binary weighs: the file, and packed as an .ipk (gzip -9) and a flash image (xz -9) do.
#
#   scripts/size.sh print [TARGET...]   a table, of what is in dist/
#   scripts/size.sh gate [TARGET...]    the same; fails when one outgrew scripts/size-limits.txt
#   scripts/size.sh providers [NAME...] what the binary would lose without each service that has code
#                                       of its own (mipsle): builds it once for each, minutes in all
#   scripts/size.sh record              writes scripts/size-limits.txt: growth that is meant
set -eu
cd "$(dirname "$0")/.."
limits=scripts/size-limits.txt
slack=1 # percent over the recorded size: compilers and packers differ a little

# The promise, whatever was recorded: bytes of xz and gzip for the commonest cheap router.
promised_target=mipsle
promised_gzip=2350000
promised_xz=1650000
promised_minimal=1500000 # xz of VARIANT=minimal for the same target, which gate builds

# measure TARGET prints: target file gzip xz
measure() {
	file=dist/wandns-$1
	if [ ! -f "$file" ]; then
		echo "size.sh: $file is missing: make build" >&2
		exit 1
	fi
	echo "$1 $(wc -c <"$file") $(gzip -9 -n -c "$file" | wc -c) $(xz -9 -T1 -c "$file" | wc -c)"
}

table() {
	printf '%-10s %12s %12s %12s\n' target 'file bytes' 'gzip -9' 'xz -9'
	for target; do
		line=$(measure "$target")
		# shellcheck disable=SC2086 # four words
		printf '%-10s %12d %12d %12d\n' $line
	done
}

# judge reads a table and says which lines broke a limit.
judge() {
	awk -v slack=$slack -v target=$promised_target -v gzip=$promised_gzip -v xz=$promised_xz '
		FILENAME == "'$limits'" { if ($1 !~ /^#/ && NF) { g[$1] = $3; x[$1] = $4 }; next }
		{ print }
		$1 == "target" { next }
		!($1 in x) { complain($1 " has no recorded size: make size-record"); next }
		{ grown($1, "gzip", $3, g[$1]); grown($1, "xz", $4, x[$1]) }
		$1 == target && $3 > gzip { complain($1 ": gzip " $3 ", promised " gzip) }
		$1 == target && $4 > xz { complain($1 ": xz " $4 ", promised " xz) }
		function grown(target, how, now, was) {
			if (now > was * (1 + slack / 100))
				complain(sprintf("%s: %s grew from %d to %d (%+.1f %%); if that is meant: make size-record", target, how, was, now, (now / was - 1) * 100))
		}
		function complain(what) { print "size.sh: " what > "/dev/stderr"; bad = 1 }
		END { exit bad }
	' "$limits" -
}

# minimal builds the small build and says whether it keeps its promise.
minimal() {
	VARIANT=minimal scripts/build.sh build -o dist/minimal "$promised_target" >/dev/null
	bytes=$(xz -9 -T1 -c "dist/minimal/wandns-$promised_target" | wc -c)
	echo "minimal $promised_target: $bytes bytes xz -9"
	if [ "$bytes" -gt "$promised_minimal" ]; then
		echo "size.sh: minimal $promised_target: xz $bytes, promised $promised_minimal" >&2
		return 1
	fi
}

# providers: the build tags no_NAME are the list. What several services share counts for none of
# them, but for the last line.
providers() {
	# shellcheck disable=SC2046 # one word for each service
	[ $# != 0 ] || set -- $(sed -n 's,^//go:build !minimal && !no_\([a-z0-9]*\).*$,\1,p' pkg/provider/*.go | sort -u)
	dir=$(mktemp -d)
	trap 'rm -rf "$dir"' EXIT
	packed no_none
	whole_gzip=$gzip
	whole_xz=$xz
	printf '%-16s %10s %10s\n' without 'gzip -9' 'xz -9'
	tags=
	for name; do
		packed "no_$name"
		printf '%-16s %10d %10d\n' "$name" $((whole_gzip - gzip)) $((whole_xz - xz))
		tags=${tags:+$tags,}no_$name
	done
	packed "$tags"
	printf '%-16s %10d %10d\n' 'all of them' $((whole_gzip - gzip)) $((whole_xz - xz))
}

# packed TAGS sets gzip and xz to what a build with these tags weighs.
packed() {
	EXTRA_TAGS=$1 scripts/build.sh build -o "$dir" $promised_target >/dev/null
	gzip=$(gzip -9 -n -c "$dir/wandns-$promised_target" | wc -c)
	xz=$(xz -9 -T1 -c "$dir/wandns-$promised_target" | wc -c)
}

command=${1:-}
[ $# = 0 ] || shift
if [ "$command" = providers ]; then
	providers "$@"
	exit
fi
if [ $# = 0 ]; then
	# shellcheck disable=SC2046 # one word for each target
	set -- $(scripts/build.sh targets)
fi
case $command in
print) table "$@" ;;
gate)
	sizes=$(table "$@")
	echo "$sizes" | judge
	minimal
	;;
record)
	sizes=$(table "$@")
	echo '# Bytes of each release binary when a size was last agreed on. make size-record writes this.' >$limits
	echo "$sizes" | sed 's/^target/# target/' | tee -a $limits
	;;
*)
	sed -n '2,/^set/s/^# \{0,1\}//p' "$0" >&2
	exit 2
	;;
esac
