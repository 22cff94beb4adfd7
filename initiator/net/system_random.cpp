// SPDX-License-Identifier: Apache-2.0
#include "initiator/net/system_random.hpp"

#include <openssl/rand.h>

#include <stdexcept>

namespace persiscsi {

void system_random(std::span<std::byte> into) {
    if (RAND_bytes(reinterpret_cast<unsigned char*>(into.data()), static_cast<int>(into.size())) != 1) {
        throw std::runtime_error("OpenSSL gives no random bytes");
    }
}

}  // namespace persiscsi
