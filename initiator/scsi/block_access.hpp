// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "initiator/scsi/cdb.hpp"

#include <cstdint>

// Commands that move, compare or write blocks, beside READ and WRITE (10) and (16). Preconditions where nothing else is
// said: of the forms (6) addresses below 2^21 and 1 to 256 blocks; (10) below 2^32 and at most 65535 blocks; (12) below
// 2^32. 0 blocks do nothing, but see WRITE SAME.

namespace persiscsi::scsi {

[[nodiscard]] cdb read_6(lba first, block_count blocks);                     // SBC, READ (6) (08h)
[[nodiscard]] cdb read_12(lba first, block_count blocks, access how = {});   // SBC, READ (12) (A8h)
[[nodiscard]] cdb write_6(lba first, block_count blocks);                    // SBC, WRITE (6) (0Ah)
[[nodiscard]] cdb write_12(lba first, block_count blocks, access how = {});  // SBC, WRITE (12) (AAh)

/// All blocks or none. `boundary`: 0, or the blocks after each of which the write may be torn. At most 65535 blocks.
[[nodiscard]] cdb write_atomic_16(lba first,
                                  block_count blocks,
                                  std::uint16_t boundary = 0,
                                  access how = {});  // SBC, WRITE ATOMIC (16) (9Ch)

/// Each bit of the medium becomes the OR of itself and of the data sent.
[[nodiscard]] cdb orwrite_16(lba first, block_count blocks, access how = {});  // SBC, ORWRITE (16) (8Bh)

/// The data sent are `blocks` to compare with, then `blocks` to write where they are the same. At most 255 blocks.
[[nodiscard]] cdb compare_and_write(lba first, block_count blocks, access how = {});  // SBC, COMPARE AND WRITE (89h)

/// Replies the XOR of the medium with the data sent, and writes these, unless `write` is false.
[[nodiscard]] cdb xdwriteread_10(lba first,
                                 block_count blocks,
                                 access how = {},
                                 bool write = true);  // SBC-3, XDWRITEREAD (10) (53h)

/// BYTCHK: what VERIFY compares the medium with.
enum class byte_check : std::uint8_t {
    none = 0,       ///< nothing: no data are sent, the device checks that it can read
    blocks = 1,     ///< as many blocks as are verified
    one_block = 3,  ///< one block, with each of those on the medium
};

/// Precondition: no FUA, which VERIFY does not know. `byte_check::one_block` is not for WRITE AND VERIFY.
[[nodiscard]] cdb verify_10(lba first,
                            block_count blocks,
                            byte_check check,
                            access how = {});  // SBC, VERIFY (10) (2Fh)
[[nodiscard]] cdb verify_12(lba first,
                            block_count blocks,
                            byte_check check,
                            access how = {});  // SBC, VERIFY (12) (AFh)
[[nodiscard]] cdb verify_16(lba first,
                            block_count blocks,
                            byte_check check,
                            access how = {});  // SBC, VERIFY (16) (8Fh)
[[nodiscard]] cdb write_and_verify_10(lba first,
                                      block_count blocks,
                                      byte_check check,
                                      access how = {});  // SBC, WRITE AND VERIFY (10) (2Eh)
[[nodiscard]] cdb write_and_verify_12(lba first,
                                      block_count blocks,
                                      byte_check check,
                                      access how = {});  // SBC, WRITE AND VERIFY (12) (AEh)
[[nodiscard]] cdb write_and_verify_16(lba first,
                                      block_count blocks,
                                      byte_check check,
                                      access how = {});  // SBC, WRITE AND VERIFY (16) (8Eh)

/// What WRITE SAME is asked beside the range.
struct same_options {
    std::uint8_t protect = 0;  ///< WRPROTECT: 0 to 7
    bool unmap = false;        ///< unmap where the unit can; the blocks read as the block sent all the same
    bool anchor = false;       ///< with `unmap`: keep the space
    bool no_data_out = false;  ///< NDOB: no block is sent, it is zeroes. Not of the form (10)
    std::uint8_t group = 0;    ///< GROUP NUMBER: 0 to 63
};

/// One block is sent and written to each of the range. 0 blocks: to the end of the medium, or refused (WSNZ).
[[nodiscard]] cdb write_same_10(lba first, block_count blocks, same_options how = {});  // SBC, WRITE SAME (10) (41h)
[[nodiscard]] cdb write_same_16(lba first, block_count blocks, same_options how = {});  // SBC, WRITE SAME (16) (93h)

/// 0 blocks: to the end of the medium. GOOD or CONDITION MET; this one says that the cache holds them all.
[[nodiscard]] cdb pre_fetch_10(lba first, block_count blocks, bool immediate = false);  // SBC, PRE-FETCH (10) (34h)
[[nodiscard]] cdb pre_fetch_16(lba first, block_count blocks, bool immediate = false);  // SBC, PRE-FETCH (16) (90h)

}  // namespace persiscsi::scsi
