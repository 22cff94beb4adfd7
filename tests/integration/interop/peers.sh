# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034
# Sourced by the tests of this folder. Gives each a directory of its own ($room), targets that others wrote (tgtd, istgt)
# and our own programs on free loopback ports, and checks that say what they found. All that was started ends with the test.
#   $1 of each test                the directory of persiscsi, persiscsid and persiscsi-target
#   PERSISCSI_TEST_MIB=16          random data moved through each target, in MiB
#   PERSISCSI_LOOP_SECONDS=8       length of the write-and-verify loops
set -euo pipefail

PATH=${1:?the directory of the programs}:$PATH:/usr/sbin
test_mib=${PERSISCSI_TEST_MIB:-16}
loop_seconds=${PERSISCSI_LOOP_SECONDS:-8}
iqn=iqn.2026-11.org.persiscsi.test
room=$(mktemp -d "${TMPDIR:-/tmp}/persiscsi-interop-XXXXXX")
exec {never}<> <(:)                    # nothing is ever written to it: read -t waits on it
exec {complaints}>&2                   # stays the test's own where a condition's output is thrown away
fail() { printf 'FAILED: %s\n' "$*" >&"$complaints"; exit 1; }
skip() { printf 'skipped: %s\n' "$*"; exit 77; }
say()  { printf '== %s\n' "$*"; }
pause() { read -r -t "$1" -u "$never" || true; }   # SECONDS

take_down() {
  local status=$? pid log
  trap '' PIPE                         # whoever read our output may be gone; the rest is taken down all the same
  for pid in $(jobs -pr; jobs -ps); do killed "$pid"; done   # what still runs: an old pid may be another's by now
  if [ "$status" -ne 0 ] && [ "$status" -ne 77 ]; then
    for log in "$room"/*.log; do
      [ ! -s "$log" ] || { printf -- '-- %s\n' "${log##*/}"; tail -n 40 "$log"; } >&2 || true
    done
  fi
  rm -rf "$room"
}
trap take_down EXIT

needs() {  # PROGRAM...
  local program
  for program in "$@"; do type -P "$program" >/dev/null || skip "$program is not installed"; done
}
needs_root() { [ "$(id -u)" -eq 0 ] || skip "$1"; }   # REASON
needs_qemu_iscsi() {
  needs qemu-img
  [[ $(qemu-img info --image-opts "driver=iscsi,transport=tcp,portal=127.0.0.1:1,target=$iqn,lun=0" 2>&1) == *'iSCSI: '* ]] ||
    skip "qemu-img has no iscsi driver (qemu-block-extra)"
}

until_true() {  # SECONDS WHAT COMMAND...: polls the condition; the test fails when it stays false
  local end=$((SECONDS + $1)) what=$2; shift 2
  until "$@" >/dev/null 2>&1; do
    [ "$SECONDS" -lt "$end" ] || fail "$what"
    pause 0.05
  done
}
alive() { kill -0 "$1" 2>/dev/null; }
accepts() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# Below the range the kernel takes ephemeral ports from, so that no connection of a neighbour sits on it.
free_port() {  # sets $port
  local attempt
  for ((attempt = 0; attempt < 100; attempt++)); do
    port=$((20000 + SRANDOM % 12000))
    accepts "$port" || return 0
  done
  fail "no free port"
}

killed() { kill -9 "$1" 2>/dev/null || true; wait "$1" 2>/dev/null || true; }   # PID: gone on return, with all its threads

# up NAME CONDITION... : whether $pid still runs when the condition holds; false when it ended before (port taken)
up() {
  local name=$1 end=$((SECONDS + 20)); shift
  until "$@" >/dev/null 2>&1; do
    alive "$pid" || return 1
    [ "$SECONDS" -lt "$end" ] || fail "$name does not come up"
    pause 0.05
  done
  alive "$pid"
}

# ---- data -------------------------------------------------------------------------------------------------------------
secret_file() {  # NAME [LENGTH]: a random secret in $room/NAME.secret, mode 0600
  (umask 077; head -c 64 /dev/urandom | base64 -w 0 | tr -d '+/=' | head -c "${2:-16}" >"$room/$1.secret")
}
random_file() { head -c "$(($2 << 20))" /dev/urandom >"$room/$1"; }   # NAME MIB
same_sha256() {  # WHAT FILE FILE
  local a b
  a=$(sha256sum <"$2") b=$(sha256sum <"$3")
  [ "$a" = "$b" ] || fail "$1: SHA-256 ${b%% *}, not ${a%% *}"
  say "$1: SHA-256 ${a:0:16}… on both sides"
}

# ---- tgtd -------------------------------------------------------------------------------------------------------------
adm() { tgtadm --control-port "$port" --lld iscsi "$@"; }
listen_tgtd() {  # on $port; sets $pid
  tgtd -f --control-port "$port" --iscsi "portal=127.0.0.1:$port" >>"$room/tgtd.log" 2>&1 &
  pid=$!
  up tgtd adm --op show --mode system && accepts "$port"
}
start_tgtd() {  # sets $port and $pid
  needs tgtd tgtadm
  needs_root "tgtd needs root (its control socket)"
  local attempt
  for ((attempt = 0; attempt < 5; attempt++)); do
    free_port
    listen_tgtd && return
  done
  fail "tgtd does not start"
}
tgtd_target() {  # TID NAME IMAGE: LUN 1
  adm --op new --mode target --tid "$1" -T "$iqn:$2"
  adm --op new --mode logicalunit --tid "$1" --lun 1 -b "$3"
  adm --op bind --mode target --tid "$1" -I ALL
}
tgtd_keys() {  # TID KEY=VALUE...: what the target wants in negotiation
  local pair
  for pair in "${@:2}"; do adm --op update --mode target --tid "$1" --name "${pair%%=*}" --value "${pair#*=}"; done
}
tgtd_digests() { tgtd_keys "$1" HeaderDigest=CRC32C,None DataDigest=CRC32C,None; }   # TID: offered only where listed
tgtd_account() { adm --op new --mode account --user "$1" --password "$(cat "$room/$1.secret")"; }   # USER: secret in its file
tgtd_chap() { adm --op bind --mode account --tid "$@"; }   # TID --user USER [--outgoing]

# ---- istgt ------------------------------------------------------------------------------------------------------------
# istgt_unit NAME IMAGE DIGESTS [LINE...]: a target with LUN 0 for the next start_istgt; with mutual CHAP unless lines of
# its section are given (AuthGroup1 has the secrets of both sides, AuthGroup3 the initiator's alone)
istgt_units=''
istgt_unit() {
  local number lines=("AuthMethod CHAP" "AuthGroup AuthGroup1")
  [ "$#" -eq 3 ] || lines=("${@:4}")
  number=$(($(grep -c '^\[LogicalUnit' <<<"$istgt_units" || true) + 1))
  istgt_units+="
[LogicalUnit$number]
  TargetName $iqn:$1
  Mapping PortalGroup1 InitiatorGroup1
  UnitType Disk
$(printf '  %s\n' "${lines[@]}")
  UseDigest $3
  QueueDepth 32
  LUN0 Storage $2 Auto"
}
istgt_configuration() {  # PORTAL_PORT CONTROL_PORT
  cat <<X
[Global]
  NodeBase "$iqn"
  PidFile $room/istgt.pid
  AuthFile $room/istgt.auth
  MediaDirectory $room
  LogFacility "local7"
  Timeout 30
  NopInInterval 20
  DiscoveryAuthMethod Auto
  MaxSessions 16
  MaxConnections 4
  MaxR2T 32
  MaxOutstandingR2T 16
  DefaultTime2Wait 2
  DefaultTime2Retain 60
  FirstBurstLength 262144
  MaxBurstLength 1048576
  MaxRecvDataSegmentLength 262144
  InitialR2T Yes
  ImmediateData Yes
  DataPDUInOrder Yes
  DataSequenceInOrder Yes
  ErrorRecoveryLevel 0
[UnitControl]
  AuthMethod CHAP Mutual
  AuthGroup AuthGroup2
  Portal UC1 127.0.0.1:$2
  Netmask 127.0.0.1
[PortalGroup1]
  Portal P1 127.0.0.1:$1
[InitiatorGroup1]
  InitiatorName "ALL"
  Netmask 127.0.0.0/8
$istgt_units
X
}
start_istgt() {  # USER TARGET_USER: their secrets in their files; sets $port and $pid
  needs istgt
  local attempt control
  secret_file control; secret_file control_target
  (umask 077
   printf '[AuthGroup1]\n  Auth "%s" "%s" "%s" "%s"\n[AuthGroup2]\n  Auth "control" "%s" "target" "%s"\n' \
     "$1" "$(cat "$room/$1.secret")" "$2" "$(cat "$room/$2.secret")" \
     "$(cat "$room/control.secret")" "$(cat "$room/control_target.secret")" >"$room/istgt.auth"
   printf '[AuthGroup3]\n  Auth "%s" "%s"\n' "$1" "$(cat "$room/$1.secret")" >>"$room/istgt.auth")
  for ((attempt = 0; attempt < 5; attempt++)); do
    free_port; control=$port
    free_port; [ "$port" -ne "$control" ] || continue
    istgt_configuration "$port" "$control" >"$room/istgt.conf"
    istgt -D -c "$room/istgt.conf" >>"$room/istgt.log" 2>&1 &
    pid=$!
    up istgt accepts "$port" && return
  done
  fail "istgt does not start"
}

# ---- ours -------------------------------------------------------------------------------------------------------------
start_target() {  # OPTIONS...: persiscsi-target; sets $port and $pid
  rm -f "$room/target.port"
  persiscsi-target --port "${port_wanted:-0}" --port-file "$room/target.port" "$@" 2>>"$room/target.log" &
  pid=$!
  up persiscsi-target test -s "$room/target.port" || fail "persiscsi-target does not start"
  port=$(cat "$room/target.port")
}
start_daemon() {  # sets $daemon_pid; state and socket below $room
  export PERSISCSI_STATE_DIR=$room/state PERSISCSI_RUNTIME_DIR=$room/run
  persiscsid 2>>"$room/daemon.log" &
  pid=$!; daemon_pid=$pid
  up persiscsid persiscsi status --quiet || fail "persiscsid does not start"
}

# qemu-img over libiscsi, the client that is not ours. The secret stands in a file, not among the arguments.
qemu_location() {  # TARGET_NAME LUN [USER [OPTION...]]: sets $location and $qemu_secret
  local user=${3:-} option
  location="driver=iscsi,transport=tcp,portal=127.0.0.1:$port,target=$iqn:$1,lun=$2,initiator-name=$iqn:qemu"
  qemu_secret=()
  if [ -n "$user" ]; then
    location+=",user=$user,password-secret=chap"
    qemu_secret=(--object "secret,id=chap,file=$room/$user.secret")
  fi
  for option in "${@:4}"; do location+=",$option"; done
}
qemu_reads() {  # FILE TARGET_NAME LUN [USER [OPTION...]]
  qemu_location "${@:2}"
  timeout 60 qemu-img convert "${qemu_secret[@]}" --image-opts "$location" -O raw "$1" || fail "qemu-img cannot read $2"
}
qemu_writes() {  # FILE TARGET_NAME LUN [USER [OPTION...]]
  qemu_location "${@:2}"
  timeout 60 qemu-img convert "${qemu_secret[@]}" -n -f raw "$1" --target-image-opts "$location" || fail "qemu-img cannot write $2"
}

# both_ways NAME LUN QEMU_NAME QEMU_USER QEMU_OPTION -- LOGIN_OPTION...: what persiscsi writes to target NAME, persiscsi and
# qemu-img read the same; what qemu-img writes, persiscsi reads the same. qemu-img uses target QEMU_NAME on the same image.
both_ways() {
  local name=$1 lun=$2 qemu_name=$3 qemu_user=$4 qemu_option=$5 url=iscsi://127.0.0.1:$port/$iqn:$1/$2 began=$EPOCHREALTIME; shift 6
  random_file one "$test_mib"; random_file two "$test_mib"
  timeout 60 persiscsi write "$url" --lba 0 -i "$room/one" --quiet "$@" || fail "$name: write"
  timeout 60 persiscsi read "$url" --lba 0 -o "$room/back" --quiet "$@" || fail "$name: read"
  same_sha256 "$name: written by persiscsi, read by persiscsi" "$room/one" "$room/back"
  qemu_reads "$room/back" "$qemu_name" "$lun" "$qemu_user" ${qemu_option:+"$qemu_option"}
  same_sha256 "$name: written by persiscsi, read by qemu-img" "$room/one" "$room/back"
  qemu_writes "$room/two" "$qemu_name" "$lun" "$qemu_user" ${qemu_option:+"$qemu_option"}
  timeout 60 persiscsi read "$url" --lba 0 -o "$room/back" --quiet "$@" || fail "$name: read"
  same_sha256 "$name: written by qemu-img, read by persiscsi" "$room/two" "$room/back"
  say "$name: $((4 * test_mib)) MiB in $(awk "BEGIN { printf \"%.1f\", $EPOCHREALTIME - $began }") s"
}

# refused EXIT_CODE WORD... -- COMMAND...: the command ends with that code, with one line on standard error that has every
# word, nothing on standard output, and no secret of this test.
refused() {
  local code=$1 words=() word status=0 file; shift
  while [ "$1" != -- ]; do words+=("$1"); shift; done; shift
  timeout 30 "$@" >"$room/stdout" 2>"$room/stderr" </dev/null || status=$?
  say "exit $status: $(cat "$room/stderr")"
  [ "$status" -eq "$code" ] || fail "'$*' ended with $status, not $code"
  [ "$(wc -l <"$room/stderr")" -eq 1 ] || fail "'$*' wrote $(wc -l <"$room/stderr") lines on standard error, not 1"
  [ ! -s "$room/stdout" ] || fail "'$*' wrote on standard output: $(head -c 200 "$room/stdout")"
  for word in "${words[@]}"; do
    grep -qF -- "$word" "$room/stderr" || fail "'$*' does not name '$word'"
  done
  for file in "$room"/*.secret; do
    [ -s "$file" ] || continue
    ! grep -qF -f "$file" "$room/stderr" || fail "'$*' shows the secret ${file##*/}"
  done
}
