// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "initiator/scsi/block_access.hpp"
#include "initiator/scsi/lba_status.hpp"
#include "initiator/unit_operation.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace persiscsi {

/// Commands about blocks beside read, write, flush and unmap: see `logical_unit`, of which the rules hold here too.
class block_operations {
  public:
    block_operations(session& over, pdu::lun_id lun) : session_(&over), lun_(lun) {}

    /// void(error_code): WRITE SAME (16). `block` is written to each of `count` blocks from `first` on; it is one block
    /// of the unit, or empty where `how.no_data_out`: zeroes then.
    template <class Token = boost::asio::deferred_t>
    auto async_write_same(scsi::lba first,
                          scsi::block_count count,
                          std::span<const std::byte> block,
                          scsi::same_options how,
                          diagnostics& story,
                          Token&& token = {}) {
        return initiate_on<>(*this, &block_operations::start_write_same, token, story, first, count, block, how);
    }
    /// void(error_code): COMPARE AND WRITE. The first half of `expected_then_new` is compared with the blocks from
    /// `first` on, the second half takes their place; scsi_errc::miscompare where they were others, and nothing is
    /// written. Each half is 1 to 255 blocks of `block_size` bytes. Carried out once: whether it was carried out when
    /// the connection was lost is not known.
    template <class Token = boost::asio::deferred_t>
    auto async_compare_and_write(scsi::lba first,
                                 std::uint32_t block_size,
                                 std::span<const std::byte> expected_then_new,
                                 diagnostics& story,
                                 Token&& token = {}) {
        return initiate_on<>(
            *this, &block_operations::start_compare_and_write, token, story, first, block_size, expected_then_new);
    }
    /// void(error_code): VERIFY (16) without data: the unit reads the blocks and checks them by itself.
    template <class Token = boost::asio::deferred_t>
    auto async_verify(scsi::lba first, scsi::block_count count, diagnostics& story, Token&& token = {}) {
        return initiate_on<>(*this, &block_operations::start_verify, token, story, first, count);
    }
    /// void(error_code): VERIFY (16) with data; scsi_errc::miscompare where the blocks are not `expected`. Its size is
    /// a multiple of `block_size`, and below 2^32.
    template <class Token = boost::asio::deferred_t>
    auto async_compare(scsi::lba first,
                       std::uint32_t block_size,
                       std::span<const std::byte> expected,
                       diagnostics& story,
                       Token&& token = {}) {
        return initiate_on<>(*this, &block_operations::start_compare, token, story, first, block_size, expected);
    }
    /// void(error_code, std::vector<scsi::lba_status>): GET LBA STATUS from `first` on. Never empty; the unit need not
    /// have told about all blocks, ask again behind the last.
    template <class Token = boost::asio::deferred_t>
    auto async_lba_status(scsi::lba first, diagnostics& story, Token&& token = {}) {
        return initiate_on<std::vector<scsi::lba_status>>(
            *this, &block_operations::start_lba_status, token, story, first);
    }

  private:
    void start_write_same(scsi::lba first,
                          scsi::block_count count,
                          std::span<const std::byte> block,
                          scsi::same_options how,
                          diagnostics& story,
                          unit_handler<> then);
    void start_compare_and_write(scsi::lba first,
                                 std::uint32_t block_size,
                                 std::span<const std::byte> expected_then_new,
                                 diagnostics& story,
                                 unit_handler<> then);
    void start_verify(scsi::lba first, scsi::block_count count, diagnostics& story, unit_handler<> then);
    void start_compare(scsi::lba first,
                       std::uint32_t block_size,
                       std::span<const std::byte> expected,
                       diagnostics& story,
                       unit_handler<> then);
    void start_lba_status(scsi::lba first, diagnostics& story, unit_handler<std::vector<scsi::lba_status>> then);

    session* session_;
    pdu::lun_id lun_;
};

}  // namespace persiscsi
