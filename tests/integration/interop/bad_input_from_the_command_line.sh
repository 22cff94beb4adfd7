#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What users get wrong and what goes wrong around them: each is one line on standard error that names operation, object
# and reason, ends with the documented exit code, and leaves nothing half done.
. "$(dirname "$0")/peers.sh"
secret_file initiator; secret_file target; secret_file wrong
name=$iqn:one none=$iqn:none blocks=4096
random_file content 2
start_target --target "$name" --lun 2M --chap-user initiator --chap-secret-file "$room/initiator.secret" \
  --mutual-user target --mutual-secret-file "$room/target.secret"
target_pid=$pid
at=127.0.0.1:$port url=iscsi://127.0.0.1:$port/$name
free_port; closed=127.0.0.1:$port
chap=(--chap-user initiator --chap-secret-file "$room/initiator.secret")
wrong=(--chap-user initiator --chap-secret-file "$room/wrong.secret")
wrong_mutual=("${chap[@]}" --mutual-user target --mutual-secret-file "$room/wrong.secret")
persiscsi write "$url/0" --lba 0 -i "$room/content" --quiet "${chap[@]}"
head -c 4096 /dev/zero >"$room/eight_blocks"
head -c 1000 /dev/zero >"$room/short"

content_is_untouched() {
  persiscsi read "$url/0" -o "$room/after" --quiet "${chap[@]}"
  cmp "$room/content" "$room/after" || fail "a refused command changed the logical unit"
}
no_file() { [ ! -e "$room/$1" ] || fail "a refused read left the file $1"; }
daemon_has_nothing() {
  local list
  for list in session registration secret; do
    [ -z "$(persiscsi $list list --quiet)" ] || fail "a refused command left a $list: $(persiscsi $list list)"
  done
}

say "login"
refused 9 inquiry "$name at $at" 'authentication failed' 0x0201 -- persiscsi inquiry "$url/0" "${wrong[@]}"
refused 9 inquiry "$name at $at" 'no CHAP secret was given' -- persiscsi inquiry "$url/0"
refused 9 inquiry "$name at $at" 'does not match the mutual secret' -- persiscsi inquiry "$url/0" "${wrong_mutual[@]}"
refused 9 inquiry "$none at $at" 'target not found' 0x0203 -- persiscsi inquiry "iscsi://$at/$none/0" "${chap[@]}"
refused 8 inquiry "$name at $closed" 'Connection refused' -- persiscsi inquiry "iscsi://$closed/$name/0" "${chap[@]}"
refused 8 discover "$closed" 'Connection refused' -- persiscsi discover "$closed"

say "an address that accepts and never answers"
kill -STOP "$target_pid"
refused 11 inquiry "$url/0" 'timed out after 1 s' login -- persiscsi inquiry "$url/0" --timeout 1 "${chap[@]}"
refused 11 discover "$at" 'timed out after 1 s' -- persiscsi discover "$at" --timeout 1
refused 11 read "$url/0" 'timed out after 1 s' -- persiscsi read "$url/0" --timeout 1 -o "$room/never" "${chap[@]}"
kill -CONT "$target_pid"
no_file never

say "logical units, blocks, files"
refused 10 inquiry "$url/5" 'no logical unit' -- persiscsi inquiry "$url/5" "${chap[@]}"
refused 10 write "$url/0" "8 blocks from block $((blocks - 4))" "has $blocks blocks of 512 bytes" -- \
  persiscsi write "$url/0" --lba $((blocks - 4)) -i "$room/eight_blocks" "${chap[@]}"
refused 10 write "$url/0" 'block 18446744073709551615' "has $blocks blocks" -- \
  persiscsi write "$url/0" --lba 18446744073709551615 -i "$room/eight_blocks" "${chap[@]}"
refused 10 read "$url/0" "5 blocks from block $((blocks - 4))" "has $blocks blocks" -- \
  persiscsi read "$url/0" --lba $((blocks - 4)) --blocks 5 -o "$room/never" "${chap[@]}"
refused 10 write "$url/0" '488 bytes of 512' -- persiscsi write "$url/0" --lba 0 -i "$room/short" "${chap[@]}"
refused 2 write "$room/missing" 'No such file' -- persiscsi write "$url/0" --lba 0 -i "$room/missing" "${chap[@]}"
refused 2 read "$room/missing/file" 'No such file' -- persiscsi read "$url/0" -o "$room/missing/file" "${chap[@]}"
no_file never
content_is_untouched

say "what is typed wrongly"
refused 2 inquiry 'begins with iscsi://' 'character 1' -- persiscsi inquiry "http://$at/$name/0"
refused 2 inquiry '"99999" is not a number from 1 to 65535' 'character 19' -- persiscsi inquiry "iscsi://127.0.0.1:99999/$name/0"
refused 2 inquiry 'LUN "abc"' 'from 0 to 16383' -- persiscsi inquiry "$url/abc"
refused 2 inquiry 'does not begin with iqn.' -- persiscsi inquiry "iscsi://$at/one/0"
refused 2 inquiry 'secret has no place in a URL' -- persiscsi inquiry "iscsi://initiator:$(cat "$room/wrong.secret")@$at/$name/0"
refused 2 inquiry "$room/missing.secret" 'No such file' -- \
  persiscsi inquiry "$url/0" --chap-user initiator --chap-secret-file "$room/missing.secret"
chmod 644 "$room/wrong.secret"
refused 6 inquiry "$room/wrong.secret" 'mode 0644' -- persiscsi inquiry "$url/0" "${wrong[@]}"
chmod 600 "$room/wrong.secret"

say "no daemon"
export PERSISCSI_STATE_DIR=$room/state PERSISCSI_RUNTIME_DIR=$room/run
refused 8 'session list' "$room/run/persiscsid.sock" 'no daemon there' 'start persiscsid' -- persiscsi session list
refused 8 'target connect' "$url" 'no daemon there' -- persiscsi target connect "$url" "${chap[@]}"

say "through the daemon"
start_daemon
refused 9 'target connect' "$name at $at" 'authentication failed' -- persiscsi target connect "$url" --register "${wrong[@]}"
refused 9 'target connect' "$name at $at" 'mutual secret' -- persiscsi target connect "$url" --register "${wrong_mutual[@]}"
refused 9 'target connect' "$none at $at" 'target not found' -- persiscsi target connect "iscsi://$at/$none" --register "${chap[@]}"
refused 8 'target connect' "$name at $closed" 'Connection refused' -- \
  persiscsi target connect "iscsi://$closed/$name" --register "${chap[@]}"
kill -STOP "$target_pid"
# Daemon and command keep the same time; whichever is first says so in its own words.
refused 11 'target connect' "$url" -- persiscsi target connect "$url" --register --timeout 1 "${chap[@]}"
kill -CONT "$target_pid"
daemon_has_nothing
unknown=ffffffffffffffff-ffffffffffffffff
refused 4 'session show' "$unknown" 'no such session' -- persiscsi session show $unknown
refused 4 'session unregister' "$unknown" 'no such session' -- sh -c "persiscsi session unregister $unknown >'$room/results'"
refused 4 'session unregister' '"*"' 'no such session' -- sh -c "persiscsi session unregister '*' >'$room/results'"
refused 4 'target disconnect' "$unknown" 'no such session' -- sh -c "persiscsi target disconnect $unknown >'$room/results'"
refused 4 read "session:$unknown/0" 'no such session' -- persiscsi read session:$unknown/0 -o "$room/never"
no_file never
persiscsi target connect "$url" --register --quiet "${chap[@]}"
id=$(persiscsi session list --quiet)
refused 7 'target connect' "$id" 'already connected' -- persiscsi target connect "$url" "${chap[@]}"
refused 10 inquiry "session:$id/5" 'no logical unit' -- persiscsi inquiry "session:$id/5"
refused 10 write "session:$id/0" "8 blocks from block $((blocks - 4))" -- \
  persiscsi write "session:$id/0" --lba $((blocks - 4)) -i "$room/eight_blocks"
refused 10 write "session:$id/0" '488 bytes of 512' -- persiscsi write "session:$id/0" --lba 0 -i "$room/short"
content_is_untouched
refused 7 "$room/run" 'another daemon' -- persiscsid

# A user without rights: as root another one; else ourselves without the mode bits. The programs lie where it may go.
other=()
[ "$(id -u)" -ne 0 ] || other=(setpriv --reuid nobody --regid nogroup --clear-groups)
chmod 711 "$room"
mkdir "$room/bin"; cp "$(type -P persiscsi)" "$(type -P persiscsid)" "$room/bin/"
say "a socket without permission"
chmod 755 "$room/run"
[ "${#other[@]}" -gt 0 ] || chmod 000 "$room/run/persiscsid.sock"
refused 6 'session list' "$room/run/persiscsid.sock" 'no permission' -- "${other[@]}" "$room/bin/persiscsi" session list
refused 6 'session unregister' "$room/run/persiscsid.sock" 'no permission' -- \
  "${other[@]}" "$room/bin/persiscsi" session unregister "$id"
kill "$daemon_pid"; wait "$daemon_pid" || fail "the daemon ended with $?"

say "a damaged table is left as it is"
damaged() {  # HOW REASON: what persiscsid says to sessions.db as it is now
  local before
  before=$(sha256sum <"$room/state/sessions.db")
  refused 1 "$room/state/sessions.db" damaged "$2" -- persiscsid
  [ "$before" = "$(sha256sum <"$room/state/sessions.db")" ] || fail "the table with $1 was changed"
  cp "$room/table" "$room/state/sessions.db"
}
cp "$room/state/sessions.db" "$room/table"
printf 'no such header' | dd of="$room/state/sessions.db" conv=notrunc status=none
damaged 'another header' 'not a database'
truncate -s 10000 "$room/state/sessions.db"
damaged 'its end missing' 'malformed'
: >"$room/state/sessions.db"
damaged 'nothing in it' 'empty'
head -c 4096 /dev/zero | dd of="$room/state/sessions.db" bs=4096 seek=3 conv=notrunc status=none
damaged 'a page of zeroes' 'Page 4'
start_daemon
[ "$(persiscsi registration list --quiet | wc -l)" -eq 1 ] || fail "the table that was put back lost its registration"
kill "$daemon_pid"; wait "$daemon_pid" || fail "the daemon ended with $?"

say "a state directory that cannot be written"
# Fresh, and one with a table; the daemon runs without the right to pass over mode bits.
mkdir "$room/empty" "$room/own_run"
mv "$room/state" "$room/kept"
[ "${#other[@]}" -eq 0 ] || chown -R nobody:nogroup "$room/empty" "$room/own_run" "$room/kept"
export PERSISCSI_STATE_DIR=$room/empty PERSISCSI_RUNTIME_DIR=$room/own_run
chmod 555 "$room/empty"
refused 6 "$room/empty" 'ermission denied' -- "${other[@]}" "$room/bin/persiscsid"
[ -z "$(ls "$room/empty")" ] || fail "a daemon that did not start left files"
export PERSISCSI_STATE_DIR=$room/kept
before=$(sha256sum "$room"/kept/{sessions.db,secrets.key,initiator.name})
chmod 555 "$room/kept"
refused 6 "$room/kept" 'readonly database' -- "${other[@]}" "$room/bin/persiscsid"
[ "$before" = "$(sha256sum "$room"/kept/{sessions.db,secrets.key,initiator.name})" ] || fail "the state directory was changed"
chmod 755 "$room/kept"
if [ "${#other[@]}" -gt 0 ] && unshare --mount true 2>/dev/null; then
  refused 6 "$room/kept" 'ead-only' -- unshare --mount bash -c \
    'mount --bind "$1" "$1" && mount -o remount,bind,ro "$1" && exec persiscsid' - "$room/kept"
  [ "$before" = "$(sha256sum "$room"/kept/{sessions.db,secrets.key,initiator.name})" ] || fail "the read-only state directory was changed"
fi

say "a state directory that cannot be written any more, under a running daemon"
"${other[@]}" "$room/bin/persiscsid" 2>>"$room/daemon.log" &
pid=$!; daemon_pid=$pid
up persiscsid persiscsi session wait --quiet || fail "persiscsid does not start"
id=$(persiscsi session list --quiet)
registered=$(persiscsi registration list --quiet)
chmod 555 "$room/kept"
refused 6 'session unregister' "$room/kept/sessions.db" 'readonly' -- persiscsi session unregister "$id"
refused 6 'secret set' "$room/kept/sessions.db" 'readonly' -- persiscsi secret set one --user initiator --secret-file "$room/initiator.secret"
refused 6 'target connect' "$room/kept/sessions.db" 'readonly' -- persiscsi target connect "$url" --another "${chap[@]}"
chmod 755 "$room/kept"
[ "$(persiscsi registration list --quiet)" = "$registered" ] || fail "the registration is not what it was"
[ "$(persiscsi session list --quiet)" = "$id" ] || fail "the sessions are not what they were"
persiscsi inquiry "session:$id/0" >/dev/null || fail "the session does not work any more"
