// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "initiator/scsi/capacity.hpp"
#include "initiator/scsi/cdb.hpp"
#include "initiator/scsi/inquiry.hpp"
#include "initiator/unit_operation.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace persiscsi {

/// A logical unit seen through a session: typed commands whose SCSI status has become an error (`scsi_errc`, with the
/// sense in the story). Any number of operations may be outstanding. Spans are the caller's and stay until completion;
/// a read completes without an error only when every byte of its span came from the target.
///
/// Threads and cancellation: as `session`. The session must outlive every operation.
class logical_unit {
  public:
    template <class... Results>
    using handler = unit_handler<Results...>;

    logical_unit(session& over, pdu::lun_id lun) : session_(&over), lun_(lun) {}

    [[nodiscard]] pdu::lun_id lun() const { return lun_; }

    /// void(error_code): no error means ready (SPC, TEST UNIT READY).
    template <class Token = boost::asio::deferred_t>
    auto async_test_unit_ready(diagnostics& story, Token&& token = {}) {
        return initiate<>(&logical_unit::start_test_unit_ready, token, story);
    }
    /// void(error_code, scsi::standard_inquiry): standard INQUIRY data.
    template <class Token = boost::asio::deferred_t>
    auto async_inquiry(diagnostics& story, Token&& token = {}) {
        return initiate<scsi::standard_inquiry>(&logical_unit::start_inquiry, token, story);
    }
    /// void(error_code, std::vector<std::byte>): one VPD page, as the target sent it, at most 64 KiB.
    template <class Token = boost::asio::deferred_t>
    auto async_inquiry_vpd(std::uint8_t page, diagnostics& story, Token&& token = {}) {
        return initiate<std::vector<std::byte>>(&logical_unit::start_inquiry_vpd, token, story, page);
    }
    /// void(error_code, scsi::capacity): READ CAPACITY (16), or (10) where the target knows no other.
    template <class Token = boost::asio::deferred_t>
    auto async_read_capacity(diagnostics& story, Token&& token = {}) {
        return initiate<scsi::capacity>(&logical_unit::start_read_capacity, token, story);
    }
    /// void(error_code, std::vector<pdu::lun_id>): REPORT LUNS, asked of this logical unit (0 by custom).
    template <class Token = boost::asio::deferred_t>
    auto async_report_luns(diagnostics& story, Token&& token = {}) {
        return initiate<std::vector<pdu::lun_id>>(&logical_unit::start_report_luns, token, story);
    }
    /// void(error_code): fills all of `into`, `into.size() / block_size` blocks from `first` on. The size is a
    /// multiple of `block_size` (bytes), which is the logical unit's, and below 2^32.
    template <class Token = boost::asio::deferred_t>
    auto async_read(
        scsi::lba first, std::uint32_t block_size, std::span<std::byte> into, diagnostics& story, Token&& token = {}) {
        return initiate<>(&logical_unit::start_read, token, story, first, block_size, into);
    }
    /// void(error_code): no error means that the target has acknowledged all of it (to its cache, unless `fua`).
    template <class Token = boost::asio::deferred_t>
    auto async_write(scsi::lba first,
                     std::uint32_t block_size,
                     std::span<const std::byte> from,
                     bool fua,
                     diagnostics& story,
                     Token&& token = {}) {
        return initiate<>(&logical_unit::start_write, token, story, first, block_size, from, fua);
    }
    /// void(error_code): SYNCHRONIZE CACHE of the whole logical unit; (10) where the target knows no (16).
    template <class Token = boost::asio::deferred_t>
    auto async_flush(diagnostics& story, Token&& token = {}) {
        return initiate<>(&logical_unit::start_flush, token, story);
    }
    /// void(error_code): UNMAP of `count` blocks from `first` on.
    template <class Token = boost::asio::deferred_t>
    auto async_unmap(scsi::lba first, scsi::block_count count, diagnostics& story, Token&& token = {}) {
        return initiate<>(&logical_unit::start_unmap, token, story, first, count);
    }

  private:
    template <class... Results, class Token, class Start, class... Arguments>
    auto initiate(Start start, Token& token, diagnostics& story, Arguments... arguments) {
        return initiate_on<Results...>(*this, start, token, story, arguments...);
    }

    void start_test_unit_ready(diagnostics& story, handler<> then);
    void start_inquiry(diagnostics& story, handler<scsi::standard_inquiry> then);
    void start_inquiry_vpd(std::uint8_t page, diagnostics& story, handler<std::vector<std::byte>> then);
    void start_read_capacity(diagnostics& story, handler<scsi::capacity> then);
    void start_report_luns(diagnostics& story, handler<std::vector<pdu::lun_id>> then);
    void start_read(
        scsi::lba first, std::uint32_t block_size, std::span<std::byte> into, diagnostics& story, handler<> then);
    void start_write(scsi::lba first,
                     std::uint32_t block_size,
                     std::span<const std::byte> from,
                     bool fua,
                     diagnostics& story,
                     handler<> then);
    void start_flush(diagnostics& story, handler<> then);
    void start_unmap(scsi::lba first, scsi::block_count count, diagnostics& story, handler<> then);

    session* session_;
    pdu::lun_id lun_;
};

}  // namespace persiscsi
