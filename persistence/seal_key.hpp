// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "initiator/secret.hpp"
#include "persistence/database.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace persiscsi::persistence {

// The key that seals secrets at rest: AES-256-GCM, a fresh random nonce per sealing, bound to `bound_to`.
// The key file holds 64 hex digits and may end in a newline; nobody but its owner may have any right on it.
class seal_key {
  public:
    // nullopt: there is no such file. permission: others may read it. damaged: it does not hold a key.
    static std::optional<seal_key> load(const std::filesystem::path& file);
    // A new random key in a new file with mode 0600. already_exists.
    static void create(const std::filesystem::path& file);

    // Tells keys apart without telling anything about them: the first 8 bytes of an HMAC-SHA-256 under the key.
    const blob& id() const noexcept { return id_; }

    blob seal(const secret& clear, std::string_view bound_to) const;
    // nullopt: not sealed with this key, or not what was sealed, or not bound to that.
    std::optional<secret> unseal(const blob& sealed, std::string_view bound_to) const;

  private:
    explicit seal_key(secret key);

    secret key_;
    blob id_;
};

}  // namespace persiscsi::persistence
