// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <iosfwd>
#include <span>
#include <string>
#include <string_view>

namespace persiscsi {

/// Bytes nobody should see. They live in pages of their own which stay out of core dumps (MADV_DONTDUMP) and, as far as
/// RLIMIT_MEMLOCK allows, out of swap; they are wiped before the pages go back. Prints as "***". Compares in constant
/// time. The clear text is reached only by reveal(), so that every place which uses it can be found by that word.
class secret {
  public:
    secret() noexcept = default;
    // Copies. The source stays with the caller, who wipes it, or uses take(). Throws std::bad_alloc.
    explicit secret(std::string_view clear);
    explicit secret(std::span<const std::byte> clear);
    // Copies, then wipes and empties the source.
    static secret take(std::string& source);

    secret(secret&& other) noexcept;
    secret& operator=(secret&& other) noexcept;
    secret(const secret& other);  // pages of its own, as every secret
    secret& operator=(const secret& other);
    ~secret();

    std::size_t size() const noexcept { return size_; }
    bool empty() const noexcept { return size_ == 0; }

    // The clear bytes, valid as long as this object is neither moved nor destroyed. Never print them.
    std::string_view reveal() const noexcept;

    friend bool operator==(const secret& left, const secret& right) noexcept;
    friend std::ostream& operator<<(std::ostream& out, const secret& hidden);

  private:
    void release() noexcept;

    std::byte* bytes_ = nullptr;
    std::size_t size_ = 0;
};

}  // namespace persiscsi
