// SPDX-License-Identifier: Apache-2.0
#include "initiator/net/tls_socket_bio.hpp"

#include <cerrno>
#include <memory>
#include <sys/socket.h>

namespace persiscsi {
namespace {

tls_socket& socket_of(BIO* bio) {
    return *static_cast<tls_socket*>(BIO_get_data(bio));
}

/// True where the caller should wait and try again.
bool must_wait(int error) {
    return error == EAGAIN || error == EWOULDBLOCK || error == EINTR;
}

int receive(BIO* bio, char* into, std::size_t size, std::size_t* received) {
    auto& socket = socket_of(bio);
    BIO_clear_retry_flags(bio);
    const auto count = ::recv(socket.descriptor, into, size, 0);
    *received = count > 0 ? static_cast<std::size_t>(count) : 0;
    if (count > 0) return 1;
    if (count == 0)
        socket.ended = true;
    else if (must_wait(errno))
        BIO_set_retry_read(bio);
    else
        socket.last_error = errno;
    return 0;
}

int send(BIO* bio, const char* from, std::size_t size, std::size_t* sent) {
    auto& socket = socket_of(bio);
    BIO_clear_retry_flags(bio);
    const auto count = ::send(socket.descriptor, from, size, MSG_NOSIGNAL);
    *sent = count > 0 ? static_cast<std::size_t>(count) : 0;
    if (count > 0) return 1;
    if (must_wait(errno))
        BIO_set_retry_write(bio);
    else
        socket.last_error = errno;
    return 0;
}

long control(BIO* bio, int command, long, void*) {
    if (command == BIO_CTRL_EOF) return socket_of(bio).ended ? 1 : 0;
    return command == BIO_CTRL_FLUSH ? 1 : 0;
}

struct method_deleter {
    void operator()(BIO_METHOD* method) const { BIO_meth_free(method); }
};

const BIO_METHOD* method() {
    static const std::unique_ptr<BIO_METHOD, method_deleter> made = [] {
        std::unique_ptr<BIO_METHOD, method_deleter> fresh(
            BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "iSCSI socket"));
        if (fresh) {
            BIO_meth_set_read_ex(fresh.get(), receive);
            BIO_meth_set_write_ex(fresh.get(), send);
            BIO_meth_set_ctrl(fresh.get(), control);
        }
        return fresh;
    }();
    return made.get();
}

}  // namespace

BIO* make_socket_bio(tls_socket& socket) {
    auto* const bio = method() == nullptr ? nullptr : BIO_new(method());
    if (bio == nullptr) return nullptr;
    BIO_set_data(bio, &socket);
    BIO_set_init(bio, 1);
    return bio;
}

}  // namespace persiscsi
