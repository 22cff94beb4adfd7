#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# man_pages.sh PROGRAM: no page gives groff or mandoc a reason to warn. 77: neither is installed.
set -euo pipefail
program=$1
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
"$program" man --quiet --directory "$place"
checked=()
status=0
complain() { printf '%s\n' "$1"; status=1; }

if command -v groff >/dev/null; then
  checked+=(groff)
  for page in "$place"/*.1; do
    warnings=$(groff -man -ww -Tutf8 -P-cbou "$page" 2>&1 >"$place/formatted")
    [ -z "$warnings" ] || complain "groff: $warnings"
    grep -q NAME "$place/formatted" || complain "groff: nothing of ${page##*/}"
  done
fi
if command -v mandoc >/dev/null; then
  checked+=(mandoc)
  # Pages have no date: two builds of the same source print the same.
  warnings=$(mandoc -Tlint -Wwarning "$place"/*.1 | grep -v 'missing date' || true)
  [ -z "$warnings" ] || complain "mandoc: $warnings"
fi
[ "${#checked[@]}" -gt 0 ] || { echo "skipped: neither groff nor mandoc here"; exit 77; }
pages=("$place"/*.1)
echo "man pages: ${#pages[@]}, by ${checked[*]}"
exit "$status"
