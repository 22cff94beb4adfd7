#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# persiscsi-target before initiators that others wrote: libiscsi's tools and its conformance tests, and qemu-img.
. "$(dirname "$0")/peers.sh"
needs iscsi-ls iscsi-inq iscsi-readcapacity16 iscsi-test-cu
needs_qemu_iscsi
start_target --target "$iqn:one" --target "$iqn:two" --lun 8M --lun 16M,block=4096
url=iscsi://127.0.0.1:$port/$iqn:one

prints() {  # PATTERN COMMAND...
  local pattern=$1 output; shift
  output=$(timeout 20 "$@" 2>&1) || fail "'$*' failed: $output"
  grep -qE -- "$pattern" <<<"$output" || fail "'$*' does not print '$pattern': $output"
  say "$1: $pattern"
}
prints "^Target:$iqn:one Portal:127.0.0.1:$port,1" iscsi-ls "iscsi://127.0.0.1:$port"
prints "^Target:$iqn:two Portal:127.0.0.1:$port,1" iscsi-ls "iscsi://127.0.0.1:$port"
prints '^Lun:1 +Type:DIRECT_ACCESS' iscsi-ls -s "iscsi://127.0.0.1:$port"
prints '^Vendor:PERSI' iscsi-inq "$url/0"
prints 'Designator Type:' iscsi-inq -e 1 -c 131 "$url/0"
prints '^RETURNED LOGICAL BLOCK ADDRESS:16383' iscsi-readcapacity16 "$url/0"
prints '^LOGICAL BLOCK LENGTH IN BYTES:4096' iscsi-readcapacity16 "$url/1"

say "CHAP and header digest with qemu-img"
secret_file initiator; secret_file target
start_target --target "$iqn:chap" --lun "${test_mib}M" --chap-user initiator --chap-secret-file "$room/initiator.secret" \
  --mutual-user target --mutual-secret-file "$room/target.secret" --header-digest required
both_ways chap 0 chap initiator header-digest=crc32c -- --chap-user initiator --chap-secret-file "$room/initiator.secret" \
  --mutual-user target --mutual-secret-file "$room/target.secret" --header-digest crc32c --data-digest crc32c

# The families of iscsi-test-cu, with the assertions each must make at least (one that skips everything proves nothing) and
# the logical unit: 0 has blocks of 512 bytes, 1 of 4096, 2 cannot be written.
# Not here, because iscsi-test-cu skips them itself, persiscsi-target having no such command: ExtendedCopy,
# ReceiveCopyResults, Sanitize; ReportSupportedOpcodes.OneCommand asks for RESERVE (6) in a way that it takes for none.
# Not here, because they want a medium that can be removed: NoMedia, PreventAllow beyond its first steps, StartStopUnit.
# Not here, because persiscsi-target fails them:
#   GetLBAStatus.UnmapSingle on LUN 0        the test expects LBA i+8 of a question about LBA i+1: it holds for one block
#                                            per physical block only, hence LUN 1
#   WriteAtomic16.VPD                        wants the maximum atomic length not above the maximum transfer length, of
#                                            which we report none (0), as SBC allows
start_target --target "$iqn:cu" --lun 8M --lun 8M,block=4096 --lun 8M,ro
families='
SCSI.CompareAndWrite          3000  0
SCSI.GetLBAStatus.Simple       500  0
SCSI.GetLBAStatus.BeyondEol      3  0
SCSI.GetLBAStatus.UnmapSingle 1000  1
SCSI.Inquiry                   200  0
SCSI.Mandatory                   4  0
SCSI.ModeSense6                 30  0
SCSI.OrWrite                  5000  0
SCSI.Prefetch10               1000  0
SCSI.Prefetch16               1000  0
SCSI.PreventAllow.Simple         1  0
SCSI.PrinReadKeys                6  0
SCSI.PrinReportCapabilities     20  0
SCSI.PrinServiceactionRange     30  0
SCSI.ProutClear                 10  0
SCSI.ProutPreempt               10  0
SCSI.ProutRegister               4  0
SCSI.ProutReserve              150  0
SCSI.Read6                    1000  0
SCSI.Read10                   4000  0
SCSI.Read12                   1000  0
SCSI.Read16                   1000  0
SCSI.ReadCapacity10              1  0
SCSI.ReadCapacity16             15  0
SCSI.ReadDefectData10            1  0
SCSI.ReadDefectData12            1  0
SCSI.ReadOnly                   10  2
SCSI.ReportSupportedOpcodes      8  0
SCSI.Reserve6                   25  0
SCSI.TestUnitReady               1  0
SCSI.Unmap                    1000  0
SCSI.Verify10                 4000  0
SCSI.Verify12                 4000  0
SCSI.Verify16                 4000  0
SCSI.Write10                  3000  0
SCSI.Write12                  1000  0
SCSI.Write16                  1000  0
SCSI.WriteAtomic16.Simple      500  0
SCSI.WriteAtomic16.BeyondEol  1000  0
SCSI.WriteAtomic16.ZeroBlocks    4  0
SCSI.WriteAtomic16.WriteProtect  8  0
SCSI.WriteAtomic16.DpoFua        6  0
SCSI.WriteSame10              4000  0
SCSI.WriteSame16              4000  0
SCSI.WriteSame16              4000  1
SCSI.WriteVerify10            1000  0
SCSI.WriteVerify12            1000  0
SCSI.WriteVerify16            1000  0
iSCSI.iSCSIcmdsn                 4  0
iSCSI.iSCSIResiduals           300  0
iSCSI.iSCSITMF                  10  0
'
judge() {  # reads lines of family, assertions, LUN
  while read -r family least lun; do
    [ -n "$family" ] || continue
    timeout 60 iscsi-test-cu -d -v -t "$family" "iscsi://127.0.0.1:$port/$iqn:cu/$lun" >"$room/cu.log" 2>&1 </dev/null ||
      fail "iscsi-test-cu $family on LUN $lun"
    read -r made failed < <(awk '$1 == "asserts" { print $2, $5 }' "$room/cu.log")
    [ "${failed:-1}" -eq 0 ] || fail "iscsi-test-cu $family: $failed of $made assertions failed"
    [ "$made" -ge "$least" ] || fail "iscsi-test-cu $family made only $made assertions"
    say "$family: $made assertions"
  done
}
judge <<<"$families"
# It logs in anew after the first breach, and then puts the data where the target lets it: with the command, if it may.
start_target --target "$iqn:cu" --lun 8M --no-immediate-data
judge <<<'iSCSI.iSCSIdatasn 4 0'
