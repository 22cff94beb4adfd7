#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# completion.sh PROGRAM SHELL: what the printed script offers in that shell, asked of the shell itself. 77: the shell is
# not installed.
set -euo pipefail
self=$(realpath "$0") program=$1 shell=$2
command -v "$shell" >/dev/null || { echo "skipped: no $shell here"; exit 77; }
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
"$program" completion "$shell" >"$place/script"
mkdir "$place/here" "$place/here/folder"
touch "$place/here/file one" "$place/here/file-two"
cd "$place/here"

# LINE, up to the cursor -> what is offered, sorted, with ; between
offered_by_bash() {
  local COMP_WORDS COMP_CWORD COMPREPLY=() COMP_LINE=$1 COMP_POINT=${#1}
  read -ra COMP_WORDS <<<"${1//=/ = }"
  [[ $1 != *[\ =] || $1 == *= ]] || COMP_WORDS+=('')
  COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
  _persiscsi persiscsi "${COMP_WORDS[COMP_CWORD]}" ''
  [ "${#COMPREPLY[@]}" -eq 0 ] || printf '%s\n' "${COMPREPLY[@]}"
}
offered_by_fish() {
  fish --no-config -c 'source $argv[1]; complete -C $argv[2]' "$place/script" "$1" | cut -f1
}
# zsh completes only where there is a terminal: one made by zsh/zpty, in which compadd says what it is given.
offered_by_zsh() {
  zsh -f "$(dirname "$self")/completion.zsh" "$place/script" "$1"
}

status=0
expect() {  # LINE EXPECTED...: in any order, all of them
  local line=$1 got want
  shift
  got=$("offered_by_$shell" "$line" | sed 's/ *$//' | sort -u | paste -sd';')
  want=$([ $# -eq 0 ] || printf '%s\n' "$@" | sort -u | paste -sd';')
  [ "$got" = "$want" ] && return
  printf '%s: persiscsi %s\n  offers %s\n  not    %s\n' "$shell" "${line#persiscsi }" "$got" "$want"
  status=1
}

[ "$shell" != bash ] || . "$place/script"
"$shell" -n "$place/script"
expect 'persiscsi reg' registration
expect 'persiscsi session ' list show wait register unregister
expect 'persiscsi session un' unregister
expect 'persiscsi --timeout 5 --json connection ' list
expect 'persiscsi session list --conn' --connection --connections
expect 'persiscsi session unregister --pass' --pass-thru
expect 'persiscsi connection list --pass'
expect 'persiscsi session --qui' --quiet
expect 'persiscsi read --header-digest ' none crc32c prefer
expect 'persiscsi read --recovery a' at-once
expect 'persiscsi completion ' bash zsh fish
expect 'persiscsi secret set a --secret-file file-' file-two
expect 'persiscsi session list --target '
if [ "$shell" = bash ]; then
  expect 'persiscsi read --data-digest=' none crc32c prefer
  expect 'persiscsi read --data-digest=cr' crc32c
  expect 'persiscsi read -o f' folder 'file one' file-two
  expect 'persiscsi man --directory ' folder
fi
exit "$status"
