#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# systemd_units.sh DAEMON PROGRAM UNITS: what systemd-analyze says of the units as they are installed, in a root of
# their own with the programs where the units look for them. 77: it is not here.
set -euo pipefail
daemon=$1 program=$2 units=$3
command -v systemd-analyze >/dev/null || { echo "skipped: systemd-analyze is not installed"; exit 77; }
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
mkdir -p "$root/units"
cp "$units/persiscsid.service" "$units/persiscsi-wait.service" "$root/units"
# What has to be there is a program; where it is installed is the administrator's choice.
sed -i -e "s|^ExecStart=[^ ]*/persiscsid |ExecStart=$daemon |" -e "s|^ExecStart=[^ ]*/persiscsi |ExecStart=$program |" \
  "$root"/units/*.service
grep -h '^ExecStart=' "$root"/units/*.service
said=$(SYSTEMD_LOG_LEVEL=warning systemd-analyze verify --man=no "$root"/units/*.service 2>&1) || { echo "$said"; exit 1; }
if grep -F "$root" <<<"$said"; then exit 1; fi
# 10 is no protection at all, 0 the most there is.
systemd-analyze security --offline=true --threshold=30 --no-pager "$root/units/persiscsid.service" >"$root/security" || {
  cat "$root/security"
  exit 1
}
tail -n 1 "$root/security"
