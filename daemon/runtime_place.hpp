// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/peer.hpp"

#include <filesystem>

namespace persiscsi::daemon {

/// The runtime directory, owned by one daemon at a time, and the listening socket in it. A socket left behind by a
/// daemon that died is replaced; the lock goes with the process, however it ends.
class runtime_place {
  public:
    /// Makes the directory (0700; 0750 for operators, 0711 with readers) and takes it. Throws store_error: locked,
    /// naming the owner's pid, permission, read_only, misuse for a path too long for a socket, io.
    runtime_place(std::filesystem::path directory, const peer_rules& rules);
    runtime_place(const runtime_place&) = delete;
    runtime_place& operator=(const runtime_place&) = delete;
    ~runtime_place();

    /// Binds the socket (0660; 0666 with readers: the server asks who calls) and listens; the file descriptor is the
    /// caller's. Call once.
    [[nodiscard]] int listen();
    /// Takes the socket away: nobody finds it any more.
    void withdraw();

  private:
    std::filesystem::path directory_;
    std::filesystem::path socket_;
    peer_rules rules_;
    int lock_ = -1;
    bool bound_ = false;
};

}  // namespace persiscsi::daemon
