#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Debian's istgt, mutual CHAP, header and data digest demanded by the target: data written by one initiator is what the
# other reads. libiscsi has no data digest, so qemu-img uses a second target on the same image that demands the header's.
. "$(dirname "$0")/peers.sh"
needs_qemu_iscsi
secret_file initiator; secret_file target
truncate -s "${test_mib}M" "$room/image"
istgt_unit both "$room/image" 'Header Data'
istgt_unit header "$room/image" Header
start_istgt initiator target

mutual=(--chap-user initiator --chap-secret-file "$room/initiator.secret"
        --mutual-user target --mutual-secret-file "$room/target.secret")
digests=(--header-digest crc32c --data-digest crc32c)
both_ways both 0 header initiator header-digest=crc32c -- "${mutual[@]}" "${digests[@]}"
