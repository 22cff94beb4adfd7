// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

// Polynomials over GF(2) modulo the one of CRC32C (0x11edc6f41, RFC 7143 §13.1). Everything is reflected: bit 31 of a
// number is the coefficient of x^0, bit 0 that of x^31, so that appending one zero bit is a shift to the right.
//
// Included by files which are compiled for more than the baseline processor: what is here runs at compile time only,
// lest the linker takes such code for the whole program.

namespace persiscsi::pdu {

inline constexpr std::uint32_t crc32c_polynomial = 0x82f63b78U;

/// The register after one zero bit: multiplication by x.
consteval std::uint32_t times_x(std::uint32_t a) {
    return (a >> 1U) ^ ((a & 1U) != 0 ? crc32c_polynomial : 0U);
}

consteval std::uint32_t multiply(std::uint32_t a, std::uint32_t b) {
    std::uint32_t product = 0;
    for (std::uint32_t coefficient = 0x80000000U; coefficient != 0; coefficient >>= 1U) {
        if ((a & coefficient) != 0) product ^= b;
        b = times_x(b);
    }
    return product;
}

/// x^n.
consteval std::uint32_t power_of_x(std::size_t n) {
    std::uint32_t power = 0x80000000U;
    for (std::uint32_t square = 0x40000000U; n != 0; n >>= 1U) {
        if ((n & 1U) != 0) power = multiply(power, square);
        square = multiply(square, square);
    }
    return power;
}

/// row[k][v]: what byte k (the least significant is 0) of the register, being v, turns into over a run of zero bytes.
/// The register is linear: the rows of its four bytes are added.
struct zero_run_table {
    std::uint32_t row[4][256];
};

consteval zero_run_table make_zero_run_table(std::size_t zero_bytes) {
    const std::uint32_t factor = power_of_x(8 * zero_bytes);
    zero_run_table table{};
    for (unsigned k = 0; k < 4; ++k) {
        for (unsigned bit = 0; bit < 8; ++bit) {
            const unsigned power = 1U << bit;
            const std::uint32_t moved = multiply(factor, power << (8 * k));
            for (unsigned rest = 0; rest < power; ++rest) table.row[k][power + rest] = table.row[k][rest] ^ moved;
        }
    }
    return table;
}

}  // namespace persiscsi::pdu
