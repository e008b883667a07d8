#!/bin/sh
# Run by the packages feed's CI on each architecture: test.sh PACKAGE VERSION.

case $1 in
wandns)
	case $(wandns --version) in
	*"$2"*) ;;
	*)
		echo "wandns is not of version $2" >&2
		exit 1
		;;
	esac
	# Reads the configuration as it comes, with every option's check, and asks nobody.
	wandns check --config /etc/config/wandns
	;;
esac
