# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034,SC2054,SC2154
# Sourced after peers.sh: rows of offers, what must come of each, and data of several sizes written and read back under it.
# The test that sources it says what the target is made to want, in `theirs`, and where its logical unit is, in $url.

declare -A theirs=(   # the target's side of each key; a test overrides what its target was told
  [InitialR2T]=No [ImmediateData]=Yes [HeaderDigest]=CRC32C,None [DataDigest]=CRC32C,None
  [FirstBurstLength]=262144 [MaxBurstLength]=1048576 [MaxRecvDataSegmentLength]=262144 [declares_the_smaller_segment]=""
)
matrix_rows='
# InitialR2T ImmediateData HeaderDigest DataDigest MaxRecvDataSegmentLength FirstBurstLength MaxBurstLength
  No         Yes           none         none       262144                   262144           1048576
  No         Yes           none         crc32c     8192                     65536            262144
  No         Yes           crc32c       none       4096                     512              4096
  No         Yes           crc32c       crc32c     65536                    4096             131072
  No         No            none         none       8192                     65536            262144
  No         No            none         crc32c     4096                     8192             8192
  No         No            crc32c       none       65536                    262144           262144
  No         No            crc32c       crc32c     262144                   65536            1048576
  Yes        Yes           none         none       4096                     512              4096
  Yes        Yes           none         crc32c     262144                   262144           1048576
  Yes        Yes           crc32c       none       65536                    4096             131072
  Yes        Yes           crc32c       crc32c     8192                     65536            262144
  Yes        No            none         none       65536                    8192             8192
  Yes        No            none         crc32c     8192                     65536            131072
  Yes        No            crc32c       none       262144                   262144           1048576
  Yes        No            crc32c       crc32c     16777215                 16777215         16777215
  No         Yes           prefer       prefer     512                      512              512
'
# Places of the sizes on the logical unit, in blocks of 512 bytes: one block, 4 KiB, 1 MiB and a block, many MiB.
matrix_sizes=(512 4096 $(((1 << 20) + 512)) $((test_mib << 20)))
matrix_places=(0 8 2048 6144)
matrix_blocks=$((6144 + (test_mib << 11)))

# The result functions of RFC 7143 §13, for the values of both sides.
either() { [ "$1$2" = NoNo ] && echo No || echo Yes; }
both() { [ "$1$2" = YesYes ] && echo Yes || echo No; }
smaller() { [ "$1" -lt "$2" ] && echo "$1" || echo "$2"; }
chosen() {  # OUR_WISH THEIR_LIST: the digest; nothing where the login must fail
  local ours=$1
  case $ours,,$2, in
    none,*,None,*) echo None ;;
    crc32c,*,CRC32C,*|prefer,*,CRC32C,*) echo CRC32C ;;
    prefer,*,None,*) echo None ;;
  esac
}
# istgt takes MaxRecvDataSegmentLength for a value to be agreed on and declares the smaller one.
their_segment() {
  if [ -n "${theirs[declares_the_smaller_segment]:-}" ]; then
    smaller "$1" "${theirs[MaxRecvDataSegmentLength]}"
  else
    echo "${theirs[MaxRecvDataSegmentLength]}"
  fi
}

# read_row ROW...: sets `offer`, the options that make the offer, and `outcome`, the words that must be in what was agreed
read_row() {
  local r2t=$1 immediate=$2 header=$3 data=$4 segment=$5 first=$6 burst=$7
  offer=(--param "InitialR2T=$r2t" --param "ImmediateData=$immediate" --header-digest "$header" --data-digest "$data"
         --param "MaxRecvDataSegmentLength=$segment" --param "FirstBurstLength=$first" --param "MaxBurstLength=$burst")
  r2t=$(either "$r2t" "${theirs[InitialR2T]}") immediate=$(both "$immediate" "${theirs[ImmediateData]}")
  burst=$(smaller "$burst" "${theirs[MaxBurstLength]}")
  outcome=("HeaderDigest=$(chosen "$header" "${theirs[HeaderDigest]}")" "DataDigest=$(chosen "$data" "${theirs[DataDigest]}")"
           "InitialR2T=$r2t" "ImmediateData=$immediate" "MaxRecvDataSegmentLength=$segment/$(their_segment "$segment")" "MaxBurstLength=$burst")
  # Without any unsolicited data the key is irrelevant (RFC 7143 §13.14).
  [ "$r2t$immediate" = YesNo ] || outcome+=("FirstBurstLength=$(smaller "$first" "${theirs[FirstBurstLength]}")")
}

# agreed_on LINE WORD...: the line has each KEY=VALUE
agreed_on() {
  local line=$1 word
  [ -n "$line" ] && [ "$(wc -l <<<"$line")" -eq 1 ] || fail "not one login was told of: '$line'"
  for word in "${@:2}"; do
    grep -qE -- "(^| )$word( |\$)" <<<"$line" || fail "not $word, but $line"
  done
}
told() { sed -n 's/^persiscsi: debug: agreed: //p' "$1"; }   # FILE: what a direct command with --debug said it agreed on
told_by_daemon() {  # SESSION_ID: the same line, made of the daemon's account of its session
  local shown key word
  shown=$(persiscsi session show "$1" --json | tr -d ' \n')
  for word in HeaderDigest=header_digest DataDigest=data_digest InitialR2T=initial_r2t ImmediateData=immediate_data \
    MaxBurstLength=max_burst_length FirstBurstLength=first_burst_length MaxRecvDataSegmentLength=max_recv_data_segment_length; do
    key=${word%%=*}
    case $key,$(shown_field "$shown" "${word#*=}") in
      *Digest,true) printf '%s ' "$key=CRC32C" ;;
      *Digest,false) printf '%s ' "$key=None" ;;
      *,true) printf '%s ' "$key=Yes" ;;
      *,false) printf '%s ' "$key=No" ;;
      MaxRecv*,*) printf '%s ' "$key=$(shown_field "$shown" "${word#*=}")/$(shown_field "$shown" max_send_data_segment_length)" ;;
      *) printf '%s ' "$key=$(shown_field "$shown" "${word#*=}")" ;;
    esac
  done
}
shown_field() { sed -E 's/.*"'"$2"'":([^,}]*).*/\1/' <<<"$1"; }   # JSON NAME

# random_sizes: the data of the next row, never that of the one before
random_sizes() {
  local i
  for i in "${!matrix_sizes[@]}"; do head -c "${matrix_sizes[i]}" /dev/urandom >"$room/size.$i"; done
}

# under_outcome COMMAND...: persiscsi succeeds, and agrees on what `outcome` says
under_outcome() {
  timeout 60 persiscsi "$@" --debug >"$room/out.log" 2>"$room/told.log" || fail "'$*': $(grep -v ' debug: ' "$room/told.log")"
  agreed_on "$(told "$room/told.log")" "${outcome[@]}"
}

# moved_and_compared RUN PLACE OPTION...: each size is written, read back and compared. RUN runs each command.
moved_and_compared() {
  local run=$1 place=$2 i; shift 2
  for i in "${!matrix_sizes[@]}"; do
    "$run" write "$place" --lba "${matrix_places[i]}" -i "$room/size.$i" "$@"
  done
  for i in "${!matrix_sizes[@]}"; do
    "$run" read "$place" --lba "${matrix_places[i]}" --blocks $((matrix_sizes[i] / 512)) -o "$room/back" "$@"
    cmp "$room/size.$i" "$room/back" || fail "${matrix_sizes[i]} bytes come back otherwise"
  done
}

# Two ways to move: every command logs in by itself; or they all use one session of the daemon, in requests of 4 MiB.
directly() { moved_and_compared under_outcome "$@"; }   # URL OPTION...
through_daemon() {  # URL OPTION...
  local id
  timeout 60 persiscsi target connect "${1%/*}" --quiet "${@:2}" || fail "$1: connect"
  id=$(persiscsi session list --quiet)
  agreed_on "$(told_by_daemon "$id")" "${outcome[@]}"
  moved_and_compared quietly "session:$id/${1##*/}"
  grep -q '"logins": *1,' <<<"$(persiscsi session show "$id" --json)" || fail "the session did not hold: $(persiscsi session show "$id")"
  timeout 60 persiscsi target disconnect "$id" --quiet || fail "$1: disconnect"
}
quietly() { timeout 60 persiscsi "$@" --quiet || fail "'$*'"; }

# compared_with IMAGE: what another initiator read of the whole logical unit has the same data in the same places
compared_with() {
  local i
  for i in "${!matrix_sizes[@]}"; do
    cmp -n "${matrix_sizes[i]}" "$room/size.$i" "$1" 0 $((matrix_places[i] * 512)) ||
      fail "another initiator reads ${matrix_sizes[i]} bytes otherwise"
  done
}

# run_matrix MOVE URL READER OPTION...: every row; after the first of each $matrix_stride, READER puts what it reads of the
# whole unit into a file
matrix_stride=4
run_matrix() {
  local move=$1 url=$2 reader=$3 row number=0 began=$EPOCHREALTIME; shift 3
  while read -r -a row; do
    [ "${#row[@]}" -eq 7 ] && [ "${row[0]}" != '#' ] || continue
    read_row "${row[@]}"
    random_sizes
    "$move" "$url" "${offer[@]}" "$@"
    if [ $((number % matrix_stride)) -eq 0 ] && [ "$reader" != nobody ]; then
      "$reader" "$room/theirs"
      compared_with "$room/theirs"
    fi
    number=$((number + 1))
    say "row $number: ${outcome[*]}"
  done <<<"$matrix_rows"
  [ "$number" -gt 0 ] || fail "no row was run"
  say "$number rows in $(awk "BEGIN { printf \"%.1f\", $EPOCHREALTIME - $began }") s"
}

# run_chap URL NAME ALGORITHM... -- OPTION...: each algorithm alone is what is agreed on, and the whole list in its order
run_chap() {
  local url=$1 what=$2 known=() algorithm; shift 2
  while [ "$1" != -- ]; do known+=("$1"); shift; done; shift
  for algorithm in 5 6 7 8; do
    if [[ " ${known[*]} " == *" $algorithm "* ]]; then
      outcome=("$what" "CHAP_A=$algorithm")
      under_outcome ready "$url" --param "CHAP_A=$algorithm" "$@"
      say "${outcome[*]}: $(cat "$room/out.log")"
    else
      refused 9 ready "$url" 'security stage' -- persiscsi ready "$url" --param "CHAP_A=$algorithm" "$@"
    fi
  done
}
