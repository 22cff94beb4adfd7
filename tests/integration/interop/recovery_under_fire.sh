#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# ErrorRecoveryLevel 2 with four connections and both digests, on a target that drops a connection in every so many
# milliseconds and spoils every so manieth PDU: all that is written is read back the same, no command of the user fails, and
# the session is never reinstated: what was lost is recovered within it.
#   PERSISCSI_FIRE_MIB=64            MiB written, then read; 1024 with the two below is the scenario of the documentation
#   PERSISCSI_FIRE_DROP_MS=40        a connection is dropped every so many milliseconds; 1000
#   PERSISCSI_FIRE_FLIP_PDUS=100     a bit of every so manieth PDU is wrong; 1000
. "$(dirname "$0")/peers.sh"
mib=${PERSISCSI_FIRE_MIB:-64} drop_ms=${PERSISCSI_FIRE_DROP_MS:-40} flip_pdus=${PERSISCSI_FIRE_FLIP_PDUS:-100}
name=$iqn:fire
random_file content "$mib"
start_target --target "$name" --lun "${mib}M" --report-file "$room/report" --max-connections 4 --error-recovery-level 2 \
  --fault "every millisecond($drop_ms): drop_connection" --fault "every sent($flip_pdus): flip_bit(data)"
url=iscsi://127.0.0.1:$port/$name/0
options=(--erl 2 --connections 4 --header-digest crc32c --data-digest crc32c
  --param MaxRecvDataSegmentLength=8192)   # many PDUs

under_fire() {  # WHAT COMMAND...
  local began=$EPOCHREALTIME what=$1; shift
  timeout 600 persiscsi "$@" --debug "${options[@]}" >"$room/out.log" 2>"$room/told.log" ||
    fail "$what: $(grep -v ' debug: ' "$room/told.log")"
  grep -q 'agreed: .*MaxConnections=4 ErrorRecoveryLevel=2' "$room/told.log" || fail "$what: $(grep agreed: "$room/told.log")"
  say "$what: $(cat "$room/out.log") in $(awk "BEGIN { printf \"%.1f\", $EPOCHREALTIME - $began }") s"
}
under_fire write write "$url" --lba 0 -i "$room/content"
under_fire read read "$url" -o "$room/back"
same_sha256 "$mib MiB under fire" "$room/content" "$room/back"

kill "$pid"; wait "$pid" || fail "the target ended with $?"
counted() { awk -v name="$1" '$1 == name { print $2 }' "$room/report"; }
say "the target counted: $(grep -v '^violation' "$room/report" | tr '\n' ' ')"
[ "$(counted reinstatements)" -eq 0 ] || fail "$(counted reinstatements) session reinstatements"
[ "$(counted logins)" -eq 2 ] || fail "$(counted logins) sessions for two commands"
[ "$(counted faults)" -ge 10 ] || fail "only $(counted faults) faults were played: this proves nothing"
! grep '^violation' "$room/report" || fail "what we sent was against RFC 7143"
