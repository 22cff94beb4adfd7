// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pdu/frame.hpp"
#include "pdu/layout.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <system_error>
#include <vector>

namespace persiscsi::pdu {

/// Takes a byte stream apart into PDUs, without I/O.
///
/// The owner asks `space()` where the next bytes shall go, puts them there (with one readv, say), tells `filled(n)`,
/// and calls `next()` until it answers `need_bytes`. At `header` it may name memory for the data segment with
/// `place_data`; where it does not, the reader keeps the segment itself. Memory is bounded by the longest data segment
/// allowed; a header that announces more fails before any of it is read. After `failed` the stream is of no more use;
/// after `corrupt` it is, for the header was right.
class pdu_reader {
  public:
    enum class step { need_bytes, header, pdu, corrupt, failed };

    /// `max_data_segment_length`: the MaxRecvDataSegmentLength we declared (RFC 7143 §13.12), in bytes.
    explicit pdu_reader(std::uint32_t max_data_segment_length, digests expected = {});

    /// Takes effect with the next header that is looked at.
    void expect(std::uint32_t max_data_segment_length, digests expected);

    /// Two places for the next bytes, to be filled in this order; the first may be empty. Valid until the next call.
    [[nodiscard]] std::array<std::span<std::byte>, 2> space();
    /// Precondition: `count` is no more than the sizes of both places together.
    void filled(std::size_t count);

    /// Goes on as far as the bytes reach. `header`: BHS, AHS and header digest are there and right, the data segment
    /// follows. `pdu`: all of the same PDU is there; header, AHS and data stay valid until the next call. `corrupt`
    /// instead of `pdu`: the data digest is wrong (RFC 7143 §7.8), so its data means nothing.
    [[nodiscard]] step next();

    /// Only after `header`: the data segment shall go to `target`. Precondition: target.size() == data_size().
    /// The bytes there mean nothing before `pdu`: a digest may still fail.
    void place_data(std::span<std::byte> target);
    /// From now on nothing is written to `memory`: a data segment on its way there goes on in memory of the reader's
    /// own. True where there was one.
    bool withdraw(std::span<const std::byte> memory);

    [[nodiscard]] const bhs_bytes& header() const { return bhs_; }
    [[nodiscard]] std::span<const std::byte> ahs() const { return ahs_; }
    [[nodiscard]] std::uint32_t data_size() const { return data_size_; }
    [[nodiscard]] std::span<const std::byte> data() const { return target_; }

    /// After `failed` and `corrupt`: what was wrong, and a text with the numbers.
    [[nodiscard]] const std::error_code& error() const { return error_; }
    [[nodiscard]] const std::string& error_detail() const { return error_detail_; }

  private:
    struct rules {
        std::uint32_t max_data_segment_length;
        digests digests_used;
    };
    enum class stage { header, ahs, placing, data, trailer, finished, corrupt, failed };

    [[nodiscard]] std::size_t staged() const { return staged_end_ - staged_begin_; }
    [[nodiscard]] const std::byte* take(std::size_t count);
    [[nodiscard]] bool read_header();
    [[nodiscard]] bool read_ahs();
    void start_data();
    [[nodiscard]] bool read_data();
    [[nodiscard]] bool read_trailer();
    void end(stage how, std::error_code error, std::string detail);

    std::unique_ptr<std::byte[]> staging_;  ///< none before the first receive; never cleared
    std::size_t staged_begin_ = 0;
    std::size_t staged_end_ = 0;

    stage stage_ = stage::header;
    rules expected_;  ///< of the next header
    rules in_force_;  ///< of the PDU that is being read
    bhs_bytes bhs_{};
    std::vector<std::byte> ahs_;
    std::uint32_t data_size_ = 0;
    std::vector<std::byte> own_data_;  ///< grows only: a segment shorter than the last one costs no clearing
    std::span<std::byte> target_;
    std::size_t data_filled_ = 0;
    std::error_code error_;
    std::string error_detail_;
};

}  // namespace persiscsi::pdu
