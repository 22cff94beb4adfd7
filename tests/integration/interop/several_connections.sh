#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Sessions of several connections (MC/S): the target has as many as were asked for, commands go over each of them, the data
# comes back the same, and where a connection is taken away in the middle the work goes on.
#   $2   tgt or istgt; or, by hand, lio: PERSISCSI_LIO and PERSISCSI_LIO_NAME as lio_on_demand.sh takes them
#   PERSISCSI_MCS_MIB=64     random data moved with each number of connections, in MiB
. "$(dirname "$0")/peers.sh"
kind=${2:?tgt, istgt or lio}
mib=${PERSISCSI_MCS_MIB:-$((4 * test_mib))}
truncate -s "${mib}M" "$room/image"

bring_up_tgt() {
  start_tgtd
  tgtd_target 1 many "$room/image"
  tgtd_keys 1 MaxConnections=8
  tgtd_digests 1
  url=iscsi://127.0.0.1:$port/$iqn:many/1 numbers=(2 4 8)
}
bring_up_istgt() {
  secret_file initiator; secret_file target
  istgt_unit many "$room/image" Auto 'AuthMethod None'
  start_istgt initiator target
  url=iscsi://127.0.0.1:$port/$iqn:many/0 numbers=(2 4)
}
bring_up_lio() {
  port=${PERSISCSI_LIO##*:} url=iscsi://$PERSISCSI_LIO/$PERSISCSI_LIO_NAME:lio/0 numbers=(2 4 8)
}

# What the kernel has of our side of the target's connections: a line each, with the bytes that were acknowledged.
connections() { ss -Htin state established "( dport = :$port )" | grep -oE 'bytes_acked:[0-9]+' | cut -d: -f2; }
are_connected() { [ "$(connections | wc -l)" -eq "$1" ]; }   # NUMBER
on_tgtd() { adm --op show --mode conn --tid 1 | grep -c 'Connection: '; }

through() {  # NUMBER OPTION...: a write and a read over that many connections
  local number=$1 writer agreed="MaxConnections=$1 ErrorRecoveryLevel=0"; shift
  [[ " $* " != *' --erl 2 '* ]] || agreed=${agreed/%0/2}
  random_file content "$mib"
  # From a pipe that is held open, so that the session stays until it was looked at.
  { cat "$room/content"; read -r -t 30 <"$room/hold" || true; } |
    timeout 120 persiscsi write "$url" --lba 0 --debug --connections "$number" "$@" >"$room/out.log" 2>"$room/write.log" &
  writer=$!
  until_true 20 "not $number connections" are_connected "$number"
  grep -q "agreed: .* $agreed " "$room/write.log" || fail "not $agreed: $(grep agreed: "$room/write.log")"
  [ "$kind" != tgt ] || [ "$(on_tgtd)" -eq "$number" ] || fail "tgtd has $(on_tgtd) connections, not $number"
  until_true 60 "a connection carries nothing: $(connections | tr '\n' ' ')" every_connection_carries $((mib << 19)) "$number"
  say "$agreed: $number connections carried $(connections | tr '\n' ' ')bytes"
  echo >"$room/hold"
  wait "$writer" || fail "write over $number connections: $(grep -v ' debug: ' "$room/write.log")"
  timeout 120 persiscsi read "$url" --blocks $((mib << 11)) -o "$room/back" --quiet --connections "$number" "$@" || fail "read over $number connections"
  same_sha256 "$number connections" "$room/content" "$room/back"
}
every_connection_carries() {  # BYTES NUMBER: all together at least half of the data, each at least a quarter of its share
  connections | awk -v least=$(($1 / (4 * $2))) -v all="$1" '{ sum += $1; if ($1 < least) few = 1 } END { exit few || sum < all }'
}

needs ss
mkfifo "$room/hold"
bring_up_"$kind"
for number in "${numbers[@]}"; do
  through "$number"
  through "$number" --header-digest crc32c --data-digest crc32c
done

if [ "$kind" = lio ]; then             # status SNACK and data recovery; what LIO does of lost connections is its own (docs)
  say "ErrorRecoveryLevel 2"
  url=iscsi://$PERSISCSI_LIO/$PERSISCSI_LIO_NAME:lio-erl2/0
  for number in 1 4 8; do through "$number" --erl 2 --header-digest crc32c --data-digest crc32c; done
fi
[ "$kind" = tgt ] || exit 0            # the others cannot take one away
say "one of four connections is taken away in the middle of a write"
random_file content "$mib"
{ head -c $((mib << 19)) "$room/content"; read -r -t 30 <"$room/hold" || true; tail -c $((mib << 19)) "$room/content"; } |
  timeout 120 persiscsi write "$url" --lba 0 --quiet --connections 4 2>"$room/write.log" &
writer=$!
until_true 20 'not 4 connections' are_connected 4
session=$(adm --op show --mode conn --tid 1 | awk '$1 == "Session:" { print $2; exit }')
connection=$(adm --op show --mode conn --tid 1 | awk '$1 == "Connection:" { last = $2 } END { print last }')
adm --op delete --mode conn --tid 1 --sid "$session" --cid "$connection"
echo >"$room/hold"
wait "$writer" || fail "write: $(cat "$room/write.log")"
grep -q "conn_close_admin.* close $(printf %x "$session") $connection" "$room/tgtd.log" || fail "tgtd took no connection away"
timeout 120 persiscsi read "$url" --blocks $((mib << 11)) -o "$room/back" --quiet || fail "read"
same_sha256 "connection $connection taken away" "$room/content" "$room/back"
