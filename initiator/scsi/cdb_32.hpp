// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "initiator/scsi/block_access.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace persiscsi::scsi {

/// A variable length CDB (SPC, 7Fh) of 32 bytes. Of iSCSI's SCSI Command PDU the first 16 are the CDB field, the rest
/// goes into an Extended CDB AHS (RFC 7143 §11.2.2.3).
struct cdb_32 {
    std::array<std::byte, 32> bytes{};

    [[nodiscard]] std::array<std::byte, 16> first() const;
    [[nodiscard]] std::span<const std::byte> rest() const { return std::span(bytes).subspan(16); }

    friend bool operator==(const cdb_32&, const cdb_32&) = default;
};

/// The protection information that is expected with the blocks (SBC, type 2 protection).
struct block_tags {
    std::uint32_t reference = 0;
    std::uint16_t application = 0;
    std::uint16_t application_mask = 0;

    friend bool operator==(const block_tags&, const block_tags&) = default;
};

[[nodiscard]] cdb_32 read_32(lba first,
                             block_count blocks,
                             access how = {},
                             block_tags expected = {});  // SBC, READ (32) (7Fh/0009h)
[[nodiscard]] cdb_32 write_32(lba first,
                              block_count blocks,
                              access how = {},
                              block_tags expected = {});  // SBC, WRITE (32) (7Fh/000Bh)
/// Preconditions: see verify_16() and write_and_verify_16().
[[nodiscard]] cdb_32 verify_32(lba first,
                               block_count blocks,
                               byte_check check,
                               access how = {},
                               block_tags expected = {});  // SBC, VERIFY (32) (7Fh/000Ah)
[[nodiscard]] cdb_32 write_and_verify_32(lba first,
                                         block_count blocks,
                                         byte_check check,
                                         access how = {},
                                         block_tags expected = {});  // SBC, WRITE AND VERIFY (32) (7Fh/000Ch)
[[nodiscard]] cdb_32 write_same_32(lba first,
                                   block_count blocks,
                                   same_options how = {},
                                   block_tags expected = {});  // SBC, WRITE SAME (32) (7Fh/000Dh)
/// See xdwriteread_10().
[[nodiscard]] cdb_32 xdwriteread_32(lba first,
                                    block_count blocks,
                                    access how = {},
                                    bool write = true);  // SBC-3, XDWRITEREAD (32) (7Fh/0007h)

}  // namespace persiscsi::scsi
