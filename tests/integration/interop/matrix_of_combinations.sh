#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Every combination of InitialR2T, ImmediateData, HeaderDigest and DataDigest with several segment and burst lengths, and
# data of several sizes under each; then CHAP, one way and mutual, for each algorithm. What was agreed on is checked in
# each case: a target that quietly settles for something else fails the row.
#   $2   tgt or istgt
. "$(dirname "$0")/peers.sh"
. "$(dirname "$0")/matrix.sh"
kind=${2:?tgt or istgt}
needs_qemu_iscsi
secret_file initiator; secret_file target
image_mib=$(((matrix_blocks >> 11) + 1))

bring_up_tgt() {
  start_tgtd
  tgtd_account initiator; tgtd_account target
  local tid=0 name
  for name in open demanding chap mutual; do
    tid=$((tid + 1))
    truncate -s "${image_mib}M" "$room/$name.image"
    tgtd_target $tid $name "$room/$name.image"
    tgtd_digests $tid
    tgtd_keys $tid InitialR2T=No ImmediateData=Yes FirstBurstLength=262144 MaxBurstLength=1048576 MaxRecvDataSegmentLength=262144
  done
  tgtd_keys 2 InitialR2T=Yes ImmediateData=No FirstBurstLength=8192 MaxBurstLength=16384 MaxRecvDataSegmentLength=4096
  tgtd_chap 3 --user initiator
  tgtd_chap 4 --user initiator
  tgtd_chap 4 --user target --outgoing
  lun=1 move=directly
}
bring_up_istgt() {
  local name
  for name in open demanding chap mutual; do truncate -s "${image_mib}M" "$room/$name.image"; done
  istgt_unit open "$room/open.image" Auto 'AuthMethod None'
  istgt_unit demanding "$room/demanding.image" 'Header Data' 'AuthMethod None' 'ImmediateData No' 'FirstBurstLength 8192' \
    'MaxBurstLength 16384'
  istgt_unit chap "$room/chap.image" Auto 'AuthMethod CHAP' 'AuthGroup AuthGroup3'
  istgt_unit mutual "$room/mutual.image" Auto 'AuthMethod CHAP Mutual' 'AuthGroup AuthGroup1'
  start_istgt initiator target
  theirs[InitialR2T]=Yes               # compiled in
  theirs[declares_the_smaller_segment]=yes
  # Each of its logins takes a second: one of the daemon for each row.
  start_daemon
  lun=0 move=through_daemon matrix_stride=8
}
url_of() { echo "iscsi://127.0.0.1:$port/$iqn:$1/$lun"; }
qemu_reads_open() { qemu_reads "$1" open "$lun"; }

bring_up_"$kind"
say "$kind lets the initiator choose"
run_matrix "$move" "$(url_of open)" qemu_reads_open

say "$kind wants something else"
theirs+=([InitialR2T]=Yes [ImmediateData]=No [FirstBurstLength]=8192 [MaxBurstLength]=16384)
# Not with istgt: it declares 262144 all the same, and closes the connection on a longer segment than its own value.
[ "$kind" != tgt ] || theirs+=([MaxRecvDataSegmentLength]=4096)
matrix_rows='
  No Yes prefer prefer 262144 262144 1048576
  No Yes crc32c crc32c 8192   65536  262144
' run_matrix "$move" "$(url_of demanding)" nobody

[ "$kind" = tgt ] ||   # tgtd cannot make a digest compulsory
  refused 9 ready "$iqn:demanding" HeaderDigest=None 'wants a digest' -- persiscsi ready "$(url_of demanding)"

say "CHAP with $kind"
chap=(--chap-user initiator --chap-secret-file "$room/initiator.secret")
mutual=("${chap[@]}" --mutual-user target --mutual-secret-file "$room/target.secret")
run_chap "$(url_of chap)" 'AuthMethod=CHAP' 5 -- "${chap[@]}"
run_chap "$(url_of mutual)" 'AuthMethod=CHAP \(mutual\)' 5 -- "${mutual[@]}"
