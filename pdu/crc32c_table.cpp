// SPDX-License-Identifier: Apache-2.0
#include "pdu/crc32c_polynomial.hpp"
#include "pdu/crc32c_variants.hpp"

namespace persiscsi::pdu {
namespace {

/// Eight bytes are looked up at once: entry [k][v] is byte value v followed by k zero bytes.
struct slicing_table {
    std::uint32_t slice[8][256];
};

consteval slicing_table make_slicing_table() {
    slicing_table table{};
    for (unsigned v = 0; v < 256; ++v) {
        std::uint32_t state = v;
        for (unsigned bit = 0; bit < 8; ++bit) state = times_x(state);
        table.slice[0][v] = state;
    }
    for (unsigned k = 1; k < 8; ++k) {
        for (unsigned v = 0; v < 256; ++v) {
            const std::uint32_t shorter = table.slice[k - 1][v];
            table.slice[k][v] = (shorter >> 8U) ^ table.slice[0][shorter & 0xffU];
        }
    }
    return table;
}

constexpr slicing_table table = make_slicing_table();

std::uint32_t load_le32(const std::byte* from) {
    std::uint32_t value = 0;
    for (unsigned i = 0; i < 4; ++i) value |= std::to_integer<std::uint32_t>(from[i]) << (8 * i);
    return value;
}

}  // namespace

std::uint32_t crc32c_extend_table(std::uint32_t state, const std::byte* bytes, std::size_t size) {
    const auto& slice = table.slice;
    for (; size >= 8; bytes += 8, size -= 8) {
        const std::uint32_t near = state ^ load_le32(bytes);
        const std::uint32_t far = load_le32(bytes + 4);
        state = slice[7][near & 0xffU] ^ slice[6][(near >> 8U) & 0xffU] ^ slice[5][(near >> 16U) & 0xffU] ^
                slice[4][near >> 24U] ^ slice[3][far & 0xffU] ^ slice[2][(far >> 8U) & 0xffU] ^
                slice[1][(far >> 16U) & 0xffU] ^ slice[0][far >> 24U];
    }
    for (; size > 0; ++bytes, --size)
        state = (state >> 8U) ^ slice[0][(state ^ std::to_integer<std::uint32_t>(*bytes)) & 0xffU];
    return state;
}

}  // namespace persiscsi::pdu
