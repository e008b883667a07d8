#!/bin/sh
# A double of what OpenWrt gives an init script: rc.common's commands, uci's functions, procd's.
# What the script asks of procd and of the system is written to $RECORD, a call in a line, with
# its arguments in brackets. The configuration is $UCI: lines "TYPE NAME [OPTION VALUE]".
#
#   rc.sh SCRIPT COMMAND
#
# shellcheck disable=SC3043 # OpenWrt's ash has local
# shellcheck disable=SC2034,SC2154 # the script under test uses these

initscript=$1
action=$2

record() {
	local word line
	line=$1
	shift
	for word; do
		line="$line [$word]"
	done
	echo "$line" >>"$RECORD"
}

for name in procd_open_service procd_close_service procd_kill procd_lock procd_open_instance procd_close_instance \
	procd_add_jail procd_add_jail_mount procd_add_jail_mount_rw procd_add_reload_trigger \
	procd_add_interface_trigger procd_add_raw_trigger logger chown killall user_add; do
	eval "$name() { record $name \"\$@\"; }"
done

# procd reads the file when it is told of it: it has to be there by then.
procd_set_param() {
	record procd_set_param "$@"
	[ "$1" != file ] || record "file holds" "$(sha256sum <"$2")" "$(stat -c '%a %F' "$2")"
}

# Users and groups are lines of $PASSWD: "user NAME", "group NAME".
user_exists() { grep -q "^user $1\$" "$PASSWD"; }
group_exists() { grep -q "^group $1\$" "$PASSWD"; }
group_add_next() {
	record group_add_next "$@"
	group_exists "$1" || echo "group $1" >>"$PASSWD"
	echo 32768
}
user_add() {
	record user_add "$@"
	[ -n "$USERS_FULL" ] || echo "user $1" >>"$PASSWD"
}

mv() { [ -z "$DISK_FULL" ] && command mv "$@"; }

# find only answers whether a directory has the right owner.
find() {
	[ "$HOLD_OWNER" != wandns ] || echo "$1"
}

config_load() {
	record config_load "$@"
}

config_foreach() {
	local function type name
	function=$1
	type=$2
	shift 2
	# shellcheck disable=SC2013 # names are words
	for name in $(awk -v type="$type" '$1 == type && !seen[$2]++ { print $2 }' "$UCI"); do
		"$function" "$name" "$@"
	done
}

# fits TYPE VALUE knows as much of validate_data's types as the tests need.
fits() {
	local type word
	type=$1
	case $type in
	'list('*)
		type=${type#list(}
		for word in $2; do
			fits "${type%)}" "$word" || return 1
		done
		;;
	bool)
		case $2 in 0 | 1 | yes | no | on | off | true | false | enabled | disabled) ;; *) return 1 ;; esac
		;;
	'or('*)
		case $type in *"\"$2\""*) ;; *) return 1 ;; esac
		;;
	file) [ -f "$2" ] ;;
	esac
}

# uci_load_validate PACKAGE TYPE SECTION FUNCTION OPTION:TYPE:DEFAULT...
uci_load_validate() {
	local package section function result spec option rest value
	package=$1
	section=$3
	function=$4
	result=0
	shift 4
	for spec; do
		eval "local ${spec%%:*}"
	done
	for spec; do
		option=${spec%%:*}
		rest=${spec#*:}
		value=$(awk -v name="$section" -v option="$option" '$2 == name && $3 == option { sub(/^[^ ]+ [^ ]+ [^ ]+ /, ""); print }' "$UCI")
		if [ -n "$value" ] && ! fits "${rest%%:*}" "$value"; then
			echo "$package.$section.$option=$value validates as ${rest%%:*} with false" >&2
			result=255
			value=
		elif [ -z "$value" ]; then
			value=${rest#*:}
			[ "$value" != "$rest" ] || value=
		else
			echo "$package.$section.$option=$value validates as ${rest%%:*} with true" >&2
		fi
		case ${rest%%:*}:$value in
		bool:yes | bool:on | bool:true | bool:enabled) value=1 ;;
		bool:no | bool:off | bool:false | bool:disabled) value=0 ;;
		esac
		eval "$option=\$value"
	done
	if [ -z "$function" ]; then
		return $result
	fi
	"$function" "$section" "$result"
}

start() {
	record procd_open_service wandns
	start_service
	record start_service returned $?
	service_triggers
	record procd_close_service set
}

stop() {
	record procd_kill wandns
	service_stopped
}

reload() {
	reload_service
}

# shellcheck disable=SC1090 # the script under test
. "$initscript"
"$action"
