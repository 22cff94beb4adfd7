// SPDX-License-Identifier: Apache-2.0
#include "initiator/secret.hpp"

#include <openssl/crypto.h>

#include <cstring>
#include <new>
#include <ostream>
#include <sys/mman.h>
#include <utility>

namespace persiscsi {

secret::secret(std::string_view clear) : secret(std::as_bytes(std::span(clear))) {}

secret::secret(std::span<const std::byte> clear) {
    if (clear.empty()) return;
    // Pages of its own, because dump and swap are decided page by page.
    void* pages = mmap(nullptr, clear.size(), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (pages == MAP_FAILED) throw std::bad_alloc();
    bytes_ = static_cast<std::byte*>(pages);
    size_ = clear.size();
    static_cast<void>(madvise(pages, size_, MADV_DONTDUMP));
    static_cast<void>(mlock(pages, size_));  // best effort: RLIMIT_MEMLOCK may be 0
    std::memcpy(bytes_, clear.data(), size_);
}

secret secret::take(std::string& source) {
    secret taken{std::string_view(source)};
    OPENSSL_cleanse(source.data(), source.size());
    source.clear();
    return taken;
}

secret::secret(secret&& other) noexcept
    : bytes_(std::exchange(other.bytes_, nullptr)), size_(std::exchange(other.size_, 0)) {}

secret& secret::operator=(secret&& other) noexcept {
    if (this != &other) {
        release();
        bytes_ = std::exchange(other.bytes_, nullptr);
        size_ = std::exchange(other.size_, 0);
    }
    return *this;
}

secret::~secret() {
    release();
}

secret::secret(const secret& other) : secret(std::span<const std::byte>(other.bytes_, other.size_)) {}

secret& secret::operator=(const secret& other) {
    return *this = secret(other);
}

std::string_view secret::reveal() const noexcept {
    return {static_cast<const char*>(static_cast<const void*>(bytes_)), size_};
}

void secret::release() noexcept {
    if (bytes_ == nullptr) return;
    OPENSSL_cleanse(bytes_, size_);
    static_cast<void>(munmap(bytes_, size_));
    bytes_ = nullptr;
    size_ = 0;
}

bool operator==(const secret& left, const secret& right) noexcept {
    return left.size_ == right.size_ && (left.size_ == 0 || CRYPTO_memcmp(left.bytes_, right.bytes_, left.size_) == 0);
}

std::ostream& operator<<(std::ostream& out, const secret&) {
    return out << "***";
}

}  // namespace persiscsi
