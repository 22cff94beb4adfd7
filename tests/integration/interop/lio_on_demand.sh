#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The matrix of combinations, CHAP and demanded digests on a kernel with LIO. Not among ctest's tests, because it needs such
# a kernel: docs/interop.md says what its targets must be. Run by hand: lio_on_demand.sh DIRECTORY_OF_THE_PROGRAMS
#   PERSISCSI_LIO=HOST:PORT                 the portal of that kernel; it overwrites the logical units there
#   PERSISCSI_LIO_NAME=IQN                  what its targets' names begin with: IQN:lio, IQN:lio-chap, …
#   PERSISCSI_LIO_CHAP=USER:FILE            who we are for lio-chap and lio-mutual, and the file with the secret
#   PERSISCSI_LIO_MUTUAL=USER:FILE          who the target is for lio-mutual
. "$(dirname "$0")/peers.sh"
. "$(dirname "$0")/matrix.sh"
portal=${PERSISCSI_LIO:?HOST:PORT of a kernel with LIO} name=${PERSISCSI_LIO_NAME:?what the names of its targets begin with}
chap=${PERSISCSI_LIO_CHAP:?USER:FILE} mutual=${PERSISCSI_LIO_MUTUAL:?USER:FILE}
chap=(--chap-user "${chap%%:*}" --chap-secret-file "${chap#*:}")
mutual=("${chap[@]}" --mutual-user "${mutual%%:*}" --mutual-secret-file "${mutual#*:}")
url_of() { echo "iscsi://$portal/$name:$1/0"; }
qemu_reads_lio() {  # FILE: as much of it as the matrix uses
  timeout 120 qemu-img dd --image-opts "if=driver=iscsi,transport=tcp,portal=$portal,target=$name:lio,lun=0" -O raw \
    "of=$1" bs=1M "count=$(((matrix_blocks >> 11) + 1))" || fail "qemu-img cannot read $name:lio"
}

say "LIO lets the initiator choose"
run_matrix directly "$(url_of lio)" qemu_reads_lio

say "the same through a session of the daemon, in requests of 4 MiB"
start_daemon
run_matrix through_daemon "$(url_of lio)" nobody

say "LIO demands both digests"
theirs+=([HeaderDigest]=CRC32C [DataDigest]=CRC32C)
matrix_rows='
  No  Yes prefer prefer 262144 262144 1048576
  Yes No  crc32c crc32c 8192   65536  262144
' run_matrix directly "$(url_of lio-digest)" nobody
refused 9 ready "$name:lio-digest" 0x0200 'operational stage' -- persiscsi ready "$(url_of lio-digest)"
theirs+=([HeaderDigest]=CRC32C,None [DataDigest]=CRC32C,None)

say "CHAP"
run_chap "$(url_of lio-chap)" 'AuthMethod=CHAP' 5 6 7 8 -- "${chap[@]}"
run_chap "$(url_of lio-mutual)" 'AuthMethod=CHAP \(mutual\)' 5 6 7 8 -- "${mutual[@]}"

say "LIO wants small bursts, R2T and no immediate data"
theirs+=([InitialR2T]=Yes [ImmediateData]=No [FirstBurstLength]=8192 [MaxBurstLength]=16384)
matrix_rows='
  No Yes none   none   262144 262144 1048576
  No Yes crc32c crc32c 8192   65536  262144
' run_matrix directly "$(url_of lio-r2t)" nobody
