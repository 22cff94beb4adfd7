// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "initiator/scsi/block.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace persiscsi::scsi {

/// A command descriptor block: the first `size` of its bytes, the others are zero.
struct cdb {
    std::array<std::byte, 16> bytes{};
    std::uint8_t size = 0;

    friend bool operator==(const cdb&, const cdb&) = default;
};

/// What READ, WRITE and their kin are asked beside the range (SBC).
struct access {
    std::uint8_t protect = 0;  ///< RDPROTECT, WRPROTECT, VRPROTECT, ORPROTECT: 0 to 7
    bool dpo = false;          ///< Disable Page Out: the blocks need not stay in the cache
    bool fua = false;          ///< Force Unit Access: the medium itself, not a cache
    std::uint8_t group = 0;    ///< GROUP NUMBER: 0 to 63
};

/// Pages of MODE SENSE.
enum class mode_page : std::uint8_t { caching = 0x08, all = 0x3f };

/// The two media access commands that rw_cdb() chooses forms of.
enum class direction { read, write };

/// Allocation lengths are what the reply may hold at most, in bytes.

[[nodiscard]] cdb test_unit_ready();                              // SPC, TEST UNIT READY (00h)
[[nodiscard]] cdb request_sense(std::uint8_t allocation_length);  // SPC, REQUEST SENSE (03h), fixed format
[[nodiscard]] cdb inquiry(std::uint16_t allocation_length);       // SPC, INQUIRY (12h), EVPD 0
[[nodiscard]] cdb inquiry_vpd(std::uint8_t page, std::uint16_t allocation_length);  // SPC, INQUIRY (12h), EVPD 1
[[nodiscard]] cdb report_luns(std::uint32_t allocation_length);  // SPC, REPORT LUNS (A0h); at least 16 bytes
[[nodiscard]] cdb mode_sense_6(mode_page page, std::uint8_t allocation_length);    // SPC, MODE SENSE (6) (1Ah), DBD 1
[[nodiscard]] cdb mode_sense_10(mode_page page, std::uint16_t allocation_length);  // SPC, MODE SENSE (10) (5Ah), DBD 1
[[nodiscard]] cdb read_capacity_10();                                 // SBC, READ CAPACITY (10) (25h); replies 8 bytes
[[nodiscard]] cdb read_capacity_16(std::uint32_t allocation_length);  // SBC, READ CAPACITY (16) (9Eh/10h)

/// Precondition of the forms (10): addresses below 2^32, at most 65535 blocks. 0 blocks transfer nothing, in every
/// form. The other forms are in block_access.hpp.
[[nodiscard]] cdb read_10(lba first, block_count blocks, access how = {});   // SBC, READ (10) (28h)
[[nodiscard]] cdb read_16(lba first, block_count blocks, access how = {});   // SBC, READ (16) (88h)
[[nodiscard]] cdb write_10(lba first, block_count blocks, access how = {});  // SBC, WRITE (10) (2Ah)
[[nodiscard]] cdb write_16(lba first, block_count blocks, access how = {});  // SBC, WRITE (16) (8Ah)

/// The form (10), which every disk knows, where the whole range fits; else the form (16).
[[nodiscard]] cdb rw_cdb(direction which, lba first, block_count blocks, bool fua = false);

/// 0 blocks: from `first` to the end of the medium. Status comes after the cache is written, unless `immediate`.
[[nodiscard]] cdb synchronize_cache_10(lba first = {},
                                       block_count blocks = {},
                                       bool immediate = false);  // SBC, SYNCHRONIZE CACHE (10) (35h)
[[nodiscard]] cdb synchronize_cache_16(lba first = {},
                                       block_count blocks = {},
                                       bool immediate = false);  // SBC, SYNCHRONIZE CACHE (16) (91h)

/// The parameter list is the one of unmap.hpp; its length in bytes.
[[nodiscard]] cdb unmap(std::uint16_t parameter_list_length, bool anchor = false);  // SBC, UNMAP (42h)

/// Of the whole logical unit, without extents: what is left of them in SPC-2.
[[nodiscard]] cdb reserve_6();  // SPC-2, RESERVE (6) (16h)
[[nodiscard]] cdb release_6();  // SPC-2, RELEASE (6) (17h)

}  // namespace persiscsi::scsi
