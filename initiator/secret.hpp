// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <openssl/crypto.h>

#include <cstddef>
#include <ostream>
#include <string_view>
#include <utility>
#include <vector>

namespace persiscsi {

/// Bytes that must not be shown: printed as `***`, compared in constant time, wiped when released. The clear text is
/// reached only by `reveal()`, so that every place which uses it can be found by that word.
class secret {
  public:
    secret() = default;
    explicit secret(std::string_view clear) : bytes_(clear.begin(), clear.end()) {}
    secret(const secret&) = default;
    secret(secret&& other) noexcept : bytes_(std::exchange(other.bytes_, {})) {}
    secret& operator=(secret other) noexcept {
        bytes_.swap(other.bytes_);
        return *this;
    }
    ~secret() { OPENSSL_cleanse(bytes_.data(), bytes_.size()); }

    /// Valid until this object is changed or released.
    [[nodiscard]] std::string_view reveal() const { return {bytes_.data(), bytes_.size()}; }
    [[nodiscard]] std::size_t size() const { return bytes_.size(); }
    [[nodiscard]] bool empty() const { return bytes_.empty(); }

    friend bool operator==(const secret& a, const secret& b) {
        return a.size() == b.size() && CRYPTO_memcmp(a.bytes_.data(), b.bytes_.data(), a.size()) == 0;
    }
    friend std::ostream& operator<<(std::ostream& out, const secret&) { return out << "***"; }

  private:
    std::vector<char> bytes_;  // a vector: a short std::string would live, unwiped, in the object it was moved from
};

}  // namespace persiscsi
