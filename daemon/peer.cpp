// SPDX-License-Identifier: Apache-2.0
#include "daemon/peer.hpp"

#include <algorithm>
#include <cerrno>
#include <sys/socket.h>
#include <system_error>

namespace persiscsi::daemon {
namespace {

constexpr std::size_t most_groups = 65536;  // NGROUPS_MAX of Linux

std::vector<::gid_t> groups_of(int socket) {
    std::vector<::gid_t> groups(64);
    while (true) {
        auto length = static_cast<::socklen_t>(groups.size() * sizeof(::gid_t));
        if (::getsockopt(socket, SOL_SOCKET, SO_PEERGROUPS, groups.data(), &length) == 0) {
            groups.resize(length / sizeof(::gid_t));
            return groups;
        }
        if (errno != ERANGE || groups.size() > most_groups) return {};
        groups.resize(length / sizeof(::gid_t));
    }
}

bool is_member(const peer& who, const std::optional<::gid_t>& group) {
    return group && (who.gid == *group || std::ranges::find(who.groups, *group) != who.groups.end());
}

}  // namespace

peer peer_of(int socket) {
    ::ucred credentials{};
    ::socklen_t length = sizeof credentials;
    if (::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &length) != 0)
        throw std::system_error(errno, std::generic_category(), "ask who the client is");
    return {credentials.pid, credentials.uid, credentials.gid, groups_of(socket)};
}

access peer_rules::access_of(const peer& who) const {
    if (who.uid == 0 || who.uid == owner || is_member(who, operators)) return access::operate;
    return is_member(who, readers) ? access::see : access::none;
}

}  // namespace persiscsi::daemon
