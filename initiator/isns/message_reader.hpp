// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "initiator/isns/message.hpp"

#include <array>
#include <cstddef>
#include <span>
#include <vector>

namespace persiscsi::isns {

/// Puts messages together from the bytes of a TCP stream: PDUs of one message follow each other from the first to the
/// last, numbered from 0 (RFC 4171). Everything is checked before it is used; a message has at most
/// `longest_message` bytes of payload, and that much is kept at most.
class message_reader {
  public:
    static constexpr std::size_t longest_message = std::size_t{4} << 20U;

    enum class step { need_bytes, message, failed };

    /// Where the next bytes of the stream belong. Never empty, unless `next` has failed.
    [[nodiscard]] std::span<std::byte> space();
    void filled(std::size_t count) { have_ += count; }

    /// After `message`: result() holds until the next call. After `failed`: the stream cannot be understood any more.
    [[nodiscard]] step next();
    [[nodiscard]] const message& result() const { return message_; }
    [[nodiscard]] const failure& failed() const { return failed_; }

  private:
    [[nodiscard]] step fail(isns_errc code, std::string detail);
    [[nodiscard]] step on_header();
    [[nodiscard]] step on_payload();
    [[nodiscard]] step take_message();

    std::array<std::byte, header_size> header_{};
    std::vector<std::byte> payload_;  ///< of all PDUs of the message so far
    std::size_t have_ = 0;            ///< bytes of the header, or of this PDU's payload
    std::size_t payload_begin_ = 0;
    bool in_payload_ = false;
    bool in_message_ = false;  ///< the first PDU has come
    bool last_ = false;
    std::uint16_t sequence_ = 0;
    message message_;
    failure failed_;
};

/// The attributes that `bytes` consist of, exactly. Sets `wrong` where they are none.
[[nodiscard]] std::vector<attribute> parse_attributes(std::span<const std::byte> bytes, failure& wrong);

}  // namespace persiscsi::isns
