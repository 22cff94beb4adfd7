// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <sys/types.h>
#include <vector>

namespace persiscsi::daemon {

/// Who is at the other end of a Unix socket, as the kernel says.
struct peer {
    ::pid_t pid = 0;
    ::uid_t uid = 0;
    ::gid_t gid = 0;
    std::vector<::gid_t> groups;  // supplementary
};
/// Throws std::system_error.
[[nodiscard]] peer peer_of(int socket);

/// What a caller of the control API may do; more includes less.
enum class access { none, see, operate };

/// Who may call the control API. Everything: root, the daemon's own user and the operators; see: the readers.
struct peer_rules {
    ::uid_t owner = 0;
    std::optional<::gid_t> operators{};
    std::optional<::gid_t> readers{};

    [[nodiscard]] access access_of(const peer& who) const;
};

}  // namespace persiscsi::daemon
