// SPDX-License-Identifier: Apache-2.0
#include "cli/own_side.hpp"

#include "cli/command_error.hpp"
#include "cli/printable.hpp"
#include "cli/url.hpp"
#include "initiator/login/isid.hpp"

#include <openssl/evp.h>
#include <openssl/rand.h>

#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <fstream>
#include <ifaddrs.h>
#include <memory>
#include <net/if.h>
#include <span>
#include <unistd.h>

namespace persiscsi::cli {
namespace {

std::string name_of_host() {
    std::array<char, 256> name{};
    ::gethostname(name.data(), name.size() - 1);
    return name.data();
}

std::string text_of(const sockaddr* address) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    const void* bytes = nullptr;
    sockaddr_in v4{};
    sockaddr_in6 v6{};
    if (address->sa_family == AF_INET) {
        std::memcpy(&v4, address, sizeof v4);
        bytes = &v4.sin_addr;
    } else {
        std::memcpy(&v6, address, sizeof v6);
        bytes = &v6.sin6_addr;
    }
    ::inet_ntop(address->sa_family, bytes, text.data(), text.size());
    return text.data();
}

bool is_address(const std::string& text) {
    in6_addr parsed{};  // large enough for both families
    return ::inet_pton(AF_INET, text.c_str(), &parsed) == 1 || ::inet_pton(AF_INET6, text.c_str(), &parsed) == 1;
}

}  // namespace

std::string default_initiator_name(const std::filesystem::path& state_dir) {
    std::ifstream file(state_dir / "initiator.name");
    std::string name;
    if (std::getline(file, name) && !name.empty()) {
        check_iscsi_name(name, "initiator.name in " + state_dir.string());
        return name;
    }
    const auto host = name_of_host();
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    if (EVP_Digest(host.data(), host.size(), digest.data(), &size, EVP_sha256(), nullptr) != 1)
        throw command_error(exit_code::internal, "no SHA-256 for the initiator name");
    std::array<char, 13> hex{};
    for (std::size_t i = 0; i < 6; ++i) std::snprintf(hex.data() + 2 * i, 3, "%02x", digest[i]);
    return "iqn.2026-11.org.persiscsi:" + std::string(hex.data());
}

pdu::isid fresh_isid() {
    const auto random = [](std::span<std::byte> bytes) {
        if (RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(bytes.size())) != 1)
            throw command_error(exit_code::internal, "no random numbers for the ISID");
    };
    std::array<std::byte, 2> qualifier{};
    random(qualifier);
    return random_isid(random,
                       static_cast<std::uint16_t>(std::to_integer<unsigned>(qualifier[0]) << 8 |
                                                  std::to_integer<unsigned>(qualifier[1])));
}

std::string address_of_interface(const std::string& interface, const portal& to) {
    if (is_address(interface)) return interface;
    ifaddrs* first = nullptr;
    if (::getifaddrs(&first) != 0)
        throw command_error(exit_code::internal, std::string("--interface: ") + std::strerror(errno));
    const std::unique_ptr<ifaddrs, decltype(&::freeifaddrs)> all(first, &::freeifaddrs);
    const int family = to.host.find(':') == to.host.npos ? AF_INET : AF_INET6;
    bool known = false;
    for (const auto* at = first; at != nullptr; at = at->ifa_next) {
        if (interface != at->ifa_name) continue;
        known = true;
        if (at->ifa_addr != nullptr && at->ifa_addr->sa_family == family) return text_of(at->ifa_addr);
    }
    throw usage_error(
        "--interface: " + in_quotes(interface) +
        (known ? " has no address of the portal's family" : " is neither an IP address nor a network interface"));
}

}  // namespace persiscsi::cli
