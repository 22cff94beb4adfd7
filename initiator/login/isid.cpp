// SPDX-License-Identifier: Apache-2.0
#include "initiator/login/isid.hpp"

#include <array>

namespace persiscsi {

pdu::isid random_isid(const random_source& random, std::uint16_t qualifier) {
    constexpr std::uint64_t random_format = 0x80;  // T = 10b, A reserved
    std::array<std::byte, 3> chance{};
    random(chance);
    std::uint64_t number = random_format;
    for (const auto byte : chance) number = (number << 8U) | std::to_integer<std::uint64_t>(byte);
    return static_cast<pdu::isid>((number << 16U) | qualifier);
}

}  // namespace persiscsi
