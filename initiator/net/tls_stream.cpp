// SPDX-License-Identifier: Apache-2.0
#include "initiator/net/tls_stream.hpp"

#include "initiator/net/tls_failure.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <cstring>
#include <utility>

namespace persiscsi {

std::unique_ptr<tls_stream> tls_stream::open(const tls_options& options,
                                             const std::string& host,
                                             int socket,
                                             failure& wrong) {
    std::unique_ptr<tls_stream> stream(new tls_stream(socket));
    stream->settings_ = make_tls_settings(options, wrong);
    if (!stream->settings_) return nullptr;
    stream->connection_ = make_tls_connection(*stream->settings_, options, host, wrong);
    if (!stream->connection_) return nullptr;
    auto* const bio = make_socket_bio(stream->socket_);
    if (bio == nullptr) {
        wrong = {login_errc::tls_handshake_failed, "TLS: out of memory"};
        return nullptr;
    }
    SSL_set_bio(stream->connection_.get(), bio, bio);
    SSL_set_connect_state(stream->connection_.get());
    return stream;
}

tls_stream::needs tls_stream::handshake(failure& wrong) {
    ERR_clear_error();
    const auto result = SSL_do_handshake(connection_.get());
    if (result == 1) {
        established_ = true;
        reading_needs_ = needs::nothing;  // the peer may have said more in the same breath
        return needs::nothing;
    }
    const auto waits_for = needs_after(result);
    if (waits_for == needs::nothing) wrong = broken();
    return waits_for;
}

tls_stream::needs tls_stream::needs_after(int result) {
    switch (SSL_get_error(connection_.get(), result)) {
        case SSL_ERROR_WANT_READ:
            return needs::readable;
        case SSL_ERROR_WANT_WRITE:
            return needs::writable;
        default:
            return needs::nothing;
    }
}

failure tls_stream::broken() {
    const bool was_established = std::exchange(established_, false);
    if (ERR_peek_error() != 0)
        return tls_failure(*connection_, was_established ? tls_stage::established : tls_stage::handshake);
    const bool said = (SSL_get_shutdown(connection_.get()) & SSL_RECEIVED_SHUTDOWN) != 0;  // close_notify
    if (said && was_established) return {protocol_errc::remote_closed, {}};
    const auto why = socket_.last_error != 0 ? std::strerror(socket_.last_error) : "the connection ended";
    if (was_established) return {protocol_errc::remote_closed, why};
    return {login_errc::tls_handshake_failed, std::string("TLS handshake: ") + why};
}

std::size_t tls_stream::read_into(std::span<std::byte> into, failure& lost) {
    std::size_t filled = 0;
    while (filled < into.size()) {
        std::size_t count = 0;
        const auto result = SSL_read_ex(connection_.get(), into.data() + filled, into.size() - filled, &count);
        filled += count;
        if (result == 1) continue;
        reading_needs_ = needs_after(result);
        if (reading_needs_ == needs::nothing) lost = broken();
        break;
    }
    return filled;
}

bytes_moved tls_stream::read_some(const std::array<std::span<std::byte>, 2>& into) {
    if (lost_) return {0, lost_};
    ERR_clear_error();
    reading_needs_ = needs::nothing;
    bytes_moved moved;
    moved.bytes = read_into(into[0], lost_);
    if (moved.bytes == into[0].size()) moved.bytes += read_into(into[1], lost_);
    if (moved.bytes == 0) moved.lost = lost_;
    return moved;
}

bytes_moved tls_stream::write_some(std::span<const std::span<const std::byte>> pieces) {
    bytes_moved moved;
    if (!flush(moved.lost)) return moved;
    for (const auto& piece : pieces) {
        auto rest = piece;
        while (!rest.empty()) {
            const auto count = std::min(rest.size(), record_size - held_);
            std::memcpy(record_.data() + held_, rest.data(), count);
            held_ += count;
            moved.bytes += count;
            rest = rest.subspan(count);
            if (held_ == record_size && !flush(moved.lost)) return moved;
        }
    }
    static_cast<void>(flush(moved.lost));
    return moved;
}

bool tls_stream::flush(failure& wrong) {
    if (held_ == 0) return true;
    ERR_clear_error();
    std::size_t sent = 0;
    const auto result = SSL_write_ex(connection_.get(), record_.data(), held_, &sent);
    if (result == 1) {  // a record goes whole, or is repeated
        held_ = 0;
        writing_needs_ = needs::nothing;
        return true;
    }
    writing_needs_ = needs_after(result);
    if (writing_needs_ == needs::nothing) wrong = broken();
    return false;
}

void tls_stream::close_notify() {
    if (!std::exchange(established_, false) || holds_output()) return;
    ERR_clear_error();
    SSL_shutdown(connection_.get());
    ERR_clear_error();
}

}  // namespace persiscsi
