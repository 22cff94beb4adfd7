#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Debian's tgtd: data written by one initiator is what the other reads, without authentication, with one-way and with
# mutual CHAP, without and with header and data digest. libiscsi has no data digest: qemu-img has the header's only.
. "$(dirname "$0")/peers.sh"
needs_qemu_iscsi
start_tgtd
secret_file initiator; secret_file target
tgtd_account initiator; tgtd_account target

tid=0
for authentication in open chap mutual; do
  for digests in none crc32c; do
    tid=$((tid + 1))
    truncate -s "${test_mib}M" "$room/$tid.image"
    tgtd_target $tid $authentication-$digests "$room/$tid.image"
    [ $digests = none ] || tgtd_digests $tid
    [ $authentication = open ] || tgtd_chap $tid --user initiator
    [ $authentication != mutual ] || tgtd_chap $tid --user target --outgoing
  done
done

# tgtd picks algorithm 7 (SHA-256) out of our default list and then computes SHA-1 with it, so it refuses the login;
# MD5 is what it does right.
chap=(--chap-user initiator --chap-secret-file "$room/initiator.secret")
mutual=("${chap[@]}" --mutual-user target --mutual-secret-file "$room/target.secret")
refused 9 inquiry "$iqn:chap-none" 0x0200 'security stage' -- \
  persiscsi inquiry "iscsi://127.0.0.1:$port/$iqn:chap-none/1" "${chap[@]}"

digests=(--header-digest crc32c --data-digest crc32c)
md5=(--param CHAP_A=5)
both_ways open-none     1 open-none     ''        '' --
both_ways open-crc32c   1 open-crc32c   ''        header-digest=crc32c -- "${digests[@]}"
both_ways chap-none     1 chap-none     initiator '' -- "${chap[@]}" "${md5[@]}"
both_ways chap-crc32c   1 chap-crc32c   initiator header-digest=crc32c -- "${chap[@]}" "${md5[@]}" "${digests[@]}"
both_ways mutual-none   1 mutual-none   initiator '' -- "${mutual[@]}" "${md5[@]}"
both_ways mutual-crc32c 1 mutual-crc32c initiator header-digest=crc32c -- "${mutual[@]}" "${md5[@]}" "${digests[@]}"

say "a digest that the target does not have is not dispensed with"
refused 9 inquiry "$iqn:open-none" HeaderDigest -- \
  persiscsi inquiry "iscsi://127.0.0.1:$port/$iqn:open-none/1" --header-digest crc32c
