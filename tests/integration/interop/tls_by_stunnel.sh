#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# TLS that others wrote: stunnel in front of tgtd takes our --tls; our target's TLS takes a stunnel that stands in front
# of a plain initiator. What goes in by one way comes out by the other.
. "$(dirname "$0")/peers.sh"
needs openssl stunnel4

certificate() {  # NAME EXTENSION: $room/NAME.pem and NAME.key by $room/ca.pem
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$room/$1.key" -out "$room/$1.csr" -subj "/CN=$1"
  openssl x509 -req -in "$room/$1.csr" -CA "$room/ca.pem" -CAkey "$room/ca.key" -CAcreateserial -days 2 \
    -extfile <(printf '%s\n' "$2") -out "$room/$1.pem"
}
{
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$room/ca.key" -out "$room/ca.pem" -days 2 -subj /CN=ca
  certificate target 'subjectAltName=IP:127.0.0.1,DNS:disk.example'
  certificate initiator 'basicConstraints=CA:FALSE'
} >"$room/openssl.log" 2>&1 || fail "openssl makes no certificates"

# start_stunnel CONNECT_PORT LINE...: sets $port (where it listens) and $pid
start_stunnel() {
  local to=$1 attempt; shift
  for ((attempt = 0; attempt < 5; attempt++)); do
    free_port
    { printf 'foreground = yes\npid =\n[iscsi]\naccept = 127.0.0.1:%s\nconnect = 127.0.0.1:%s\n' "$port" "$to"
      printf '%s\n' "$@"; } >"$room/stunnel.conf"
    stunnel4 "$room/stunnel.conf" 2>>"$room/stunnel.log" &
    pid=$!
    up stunnel accepts "$port" && return
  done
  fail "stunnel does not start"
}
moved() {  # WHAT FILE URL OPTION...: the file goes there and comes back
  local what=$1 file=$2 url=$3; shift 3
  timeout 60 persiscsi write "$url" --lba 0 -i "$file" --quiet "$@" || fail "$what: write"
  timeout 60 persiscsi read "$url" --lba 0 -o "$room/back" --quiet "$@" || fail "$what: read"
  same_sha256 "$what" "$file" "$room/back"
}
server=("cert = $room/target.pem" "key = $room/target.key")
ca=(--tls --tls-ca "$room/ca.pem")
random_file one "$test_mib"; random_file two "$test_mib"

start_tgtd; tgtd_port=$port
truncate -s "${test_mib}M" "$room/image"
tgtd_target 1 disk "$room/image"
plain=iscsi://127.0.0.1:$tgtd_port/$iqn:disk/1

start_stunnel "$tgtd_port" "${server[@]}"
tls=iscsi://127.0.0.1:$port/$iqn:disk/1
moved "tgtd behind stunnel" "$room/one" "$tls" "${ca[@]}" --param InitialR2T=Yes
timeout 60 persiscsi read "$plain" --lba 0 -o "$room/back" --quiet || fail "read without TLS"
same_sha256 "written with TLS, read without" "$room/one" "$room/back"
timeout 60 persiscsi read "$tls" --lba 0 -o "$room/back" --quiet "${ca[@]}" --tls-server-name disk.example || fail "by name"
same_sha256 "the name of the certificate is the user's" "$room/one" "$room/back"
refused 9 capacity 'not trusted' -- persiscsi capacity "$tls" --tls
refused 9 capacity 'another name' -- persiscsi capacity "$tls" "${ca[@]}" --tls-server-name other.example

start_stunnel "$tgtd_port" "${server[@]}" "CAfile = $room/ca.pem" "verifyChain = yes"
tls=iscsi://127.0.0.1:$port/$iqn:disk/1
refused 9 capacity -- persiscsi capacity "$tls" "${ca[@]}"
moved "tgtd behind a stunnel that wants our certificate" "$room/two" "$tls" "${ca[@]}" \
  --tls-cert "$room/initiator.pem" --tls-key "$room/initiator.key"

start_target --lun "${test_mib}M" --target "$iqn:ram" --tls-cert "$room/target.pem" --tls-key "$room/target.key"
target_port=$port
moved "our target with TLS" "$room/one" "iscsi://127.0.0.1:$target_port/$iqn:ram/0" "${ca[@]}"
start_stunnel "$target_port" "client = yes" "CAfile = $room/ca.pem" "verifyChain = yes" "checkIP = 127.0.0.1"
moved "stunnel, then our target with TLS" "$room/two" "iscsi://127.0.0.1:$port/$iqn:ram/0"
