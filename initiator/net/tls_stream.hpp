// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "initiator/net/tls_credentials.hpp"
#include "initiator/net/tls_socket_bio.hpp"
#include "pdu/errors.hpp"

#include <array>
#include <cstddef>
#include <memory>
#include <span>
#include <string>

namespace persiscsi {

/// What one read or write moved. Nothing moved and nothing lost: it would have to wait.
struct bytes_moved {
    std::size_t bytes = 0;
    failure lost{};

    [[nodiscard]] bool would_block() const { return bytes == 0 && !lost; }
};

/// Our side of TLS over a connected non-blocking socket that belongs to somebody else. Nothing here waits; the owner
/// waits for the socket where `needs` says so, and tries again.
class tls_stream {
  public:
    enum class needs { nothing, readable, writable };

    /// Null with `wrong` set where the options are no good.
    [[nodiscard]] static std::unique_ptr<tls_stream> open(const tls_options& options,
                                                          const std::string& host,
                                                          int socket,
                                                          failure& wrong);
    tls_stream(const tls_stream&) = delete;
    tls_stream& operator=(const tls_stream&) = delete;

    /// Until it needs nothing: the handshake is complete and the peer is who it should be. `wrong` is set where not.
    [[nodiscard]] needs handshake(failure& wrong);

    /// Fills the spans as far as there is something; allocates nothing.
    [[nodiscard]] bytes_moved read_some(const std::array<std::span<std::byte>, 2>& into);
    /// What a read waits for: nothing, where bytes may be left from the last.
    [[nodiscard]] needs reading_needs() const { return reading_needs_; }

    /// Takes bytes as a socket's buffer does: those of the last record may still be here, see `flush`.
    [[nodiscard]] bytes_moved write_some(std::span<const std::span<const std::byte>> pieces);
    /// Sends what was taken. True: nothing is left; else `writing_needs` says what it waits for, or `wrong` is set.
    [[nodiscard]] bool flush(failure& wrong);
    [[nodiscard]] bool holds_output() const { return held_ != 0; }
    [[nodiscard]] needs writing_needs() const { return writing_needs_; }

    /// Tells the peer that no more comes, if that can be said at once.
    void close_notify();

  private:
    explicit tls_stream(int socket) : socket_{.descriptor = socket} {}

    [[nodiscard]] needs needs_after(int result);
    [[nodiscard]] failure broken();
    std::size_t read_into(std::span<std::byte> into, failure& lost);

    /// RFC 8446 §5.1: what a record carries at most.
    static constexpr std::size_t record_size = 16384;

    tls_socket socket_;
    ssl_settings settings_;
    ssl_connection connection_;
    needs reading_needs_ = needs::readable;
    needs writing_needs_ = needs::nothing;
    bool established_ = false;
    failure lost_;  ///< found by a read that had bytes to give before
    std::size_t held_ = 0;
    std::array<std::byte, record_size> record_;
};

}  // namespace persiscsi
