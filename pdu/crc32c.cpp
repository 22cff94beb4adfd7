// SPDX-License-Identifier: Apache-2.0
#include "pdu/crc32c.hpp"

#include "pdu/crc32c_variants.hpp"

namespace persiscsi::pdu {
namespace {

constexpr crc32c_variant variants[] = {
#if defined(__x86_64__)
    {"sse4.2", crc32c_sse42_supported, crc32c_extend_sse42},
#endif
#if defined(__aarch64__)
    {"armv8-crc", crc32c_arm64_supported, crc32c_extend_arm64},
#endif
    {"table", [] { return true; }, crc32c_extend_table},
};

const crc32c_variant& best_variant() {
    for (const auto& variant : variants)
        if (variant.supported()) return variant;
    return *std::rbegin(variants);
}

const crc32c_variant& chosen_variant() {
    static const crc32c_variant& chosen = best_variant();
    return chosen;
}

}  // namespace

std::span<const crc32c_variant> crc32c_variants() {
    return variants;
}

std::uint32_t crc32c(std::span<const std::byte> bytes, std::uint32_t crc) {
    return ~chosen_variant().extend(~crc, bytes.data(), bytes.size());
}

std::string_view crc32c_implementation() {
    return chosen_variant().name;
}

}  // namespace persiscsi::pdu
