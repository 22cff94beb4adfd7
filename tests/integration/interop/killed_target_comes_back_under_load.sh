#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A target is killed with -9 in the middle of a write-and-verify loop over a session of the daemon, and comes back on the
# same port 3 s later: the loop goes on, what was acknowledged is there, and the target has exactly one session.
#   $2   ours (persiscsi-target with --state) or tgtd (a backing file)
. "$(dirname "$0")/peers.sh"
kind=${2:?ours or tgtd}
iqn_kept=$iqn:kept
round_mib=2 slots=4

bring_up_ours() {
  [ -n "${port:-}" ] || free_port        # not an ephemeral one: nobody may take it while the target is away
  port_wanted=$port start_target --target "$iqn_kept" --lun 16M --lun 16M --state "$room/kept" --verbose
}
bring_up_tgtd() {
  if [ -z "${port:-}" ]; then start_tgtd; else until_true 20 'tgtd does not start again' listen_tgtd; fi
  tgtd_target 1 kept "$room/kept.image"
}
truncate -s 16M "$room/kept.image"
[ "$kind" = ours ] && lun=0 || lun=1
bring_up_"$kind"
target_pid=$pid
start_daemon
persiscsi target connect "iscsi://127.0.0.1:$port/$iqn_kept" --quiet
id=$(persiscsi session list --quiet)
say "session $id"

# Each round writes new data to the next slot and reads it back; then all the slots, so that a write which was
# acknowledged and lost shows up however late. `rounds` is moved into place: a reader never sees half a number.
loop() {
  local round=0 slot other
  while [ ! -e "$room/enough" ]; do
    slot=$((round % slots))
    random_file next "$round_mib"
    persiscsi write "session:$id/$lun" --lba $((slot * round_mib * 2048)) -i "$room/next" --quiet || { echo "round $round: write"; return 1; }
    mv "$room/next" "$room/slot.$slot"
    for ((other = 0; other < slots; other++)); do
      [ -e "$room/slot.$other" ] || continue
      persiscsi read "session:$id/$lun" --lba $((other * round_mib * 2048)) --blocks $((round_mib * 2048)) \
        -o "$room/back" --quiet || { echo "round $round: read of slot $other"; return 1; }
      cmp "$room/slot.$other" "$room/back" || { echo "round $round: slot $other differs"; return 1; }
    done
    round=$((round + 1))
    echo "$round" >"$room/rounds.new"; mv "$room/rounds.new" "$room/rounds"
  done
}
rounds() { cat "$room/rounds" 2>/dev/null || echo 0; }
loop_goes_on() { alive "$loop_pid" || fail "the loop ended: $(cat "$room/loop.log")"; [ "$(rounds)" -gt "$1" ]; }
state_is() { grep -qE "\"state\": ?\"$1\"" <<<"$(persiscsi session show "$id" --json)"; }

loop >"$room/loop.log" 2>&1 &
loop_pid=$!
began=$SECONDS
until_true 20 'the loop does not start' loop_goes_on 2
pause "$(awk "BEGIN { print $loop_seconds / 4 }")"

before=$(rounds)
killed "$target_pid"
until_true 5 'the session does not notice the loss' state_is reconnecting
say "killed after $before rounds; the session is reconnecting"
pause 3
stalled=$(rounds)
[ "$stalled" -le $((before + 1)) ] || fail "$((stalled - before)) rounds without a target"
bring_up_"$kind"
target_pid=$pid
until_true 30 'the loop does not go on' loop_goes_on "$stalled"
say "back, and the loop goes on"
while [ $((SECONDS - began)) -lt "$loop_seconds" ]; do loop_goes_on "$stalled"; pause 0.1; done
touch "$room/enough"
wait "$loop_pid" || fail "the loop: $(cat "$room/loop.log")"
[ ! -s "$room/loop.log" ] || fail "the loop: $(cat "$room/loop.log")"
say "$(rounds) rounds of $round_mib MiB, all verified"

[ "$(persiscsi session list --quiet)" = "$id" ] || fail "not exactly that session in the daemon: $(persiscsi session list)"
shown=$(persiscsi session show "$id" --json)
state_is logged_in || fail "not logged in: $shown"
grep -qE '"logins": ?2\b' <<<"$shown" || fail "not the second login: $shown"

# One session on the target too.
case $kind in
  tgtd)
    nexus=$(adm --op show --mode target | grep -c 'I_T nexus: ' || true)
    connections=$(adm --op show --mode conn --tid 1 | grep -c 'Connection: ' || true)
    [ "$nexus $connections" = '1 1' ] || fail "tgtd has $nexus I_T nexuses with $connections connections" ;;
  ours)
    connections=$(awk -v here=":$(printf %04X "$port")\$" '$2 ~ here && $4 == "01"' /proc/net/tcp | wc -l)
    [ "$connections" -eq 1 ] || fail "the target has $connections connections" ;;
esac
say "one session on the target"
persiscsi target disconnect "$id" --quiet >/dev/null
