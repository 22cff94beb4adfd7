// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pdu/crc32c_polynomial.hpp"

#include <cstddef>
#include <cstdint>

// The loop around a processor's CRC32C instruction. It has internal linkage and calls nothing of the standard library:
// each file that includes it compiles its own copy for the processor it is about.

namespace persiscsi::pdu {
namespace {

/// The instruction takes three cycles and starts one per cycle: three independent runs keep it busy. Three runs of 1360
/// bytes leave 16 bytes of 4 KiB over, three of 168 bytes 8 of 512.
constexpr std::size_t long_run = 1360;
constexpr std::size_t short_run = 168;
constexpr zero_run_table over_long_run = make_zero_run_table(long_run);
constexpr zero_run_table over_short_run = make_zero_run_table(short_run);

inline std::uint32_t advance(const zero_run_table& table, std::uint32_t state) {
    return table.row[0][state & 0xffU] ^ table.row[1][(state >> 8U) & 0xffU] ^ table.row[2][(state >> 16U) & 0xffU] ^
           table.row[3][state >> 24U];
}

/// `Instruction` has step8(state, 8 bytes) and step1(state, 1 byte).
template <class Instruction>
std::uint32_t extend_three_runs(std::uint32_t state,
                                const std::byte* bytes,
                                std::size_t run,
                                const zero_run_table& table) {
    std::uint32_t second = 0;
    std::uint32_t third = 0;
    for (const std::byte* end = bytes + run; bytes != end; bytes += 8) {
        state = Instruction::step8(state, bytes);
        second = Instruction::step8(second, bytes + run);
        third = Instruction::step8(third, bytes + 2 * run);
    }
    return advance(table, advance(table, state) ^ second) ^ third;
}

template <class Instruction>
std::uint32_t extend_by(std::uint32_t state, const std::byte* bytes, std::size_t size) {
    for (; size >= 3 * long_run; bytes += 3 * long_run, size -= 3 * long_run)
        state = extend_three_runs<Instruction>(state, bytes, long_run, over_long_run);
    for (; size >= 3 * short_run; bytes += 3 * short_run, size -= 3 * short_run)
        state = extend_three_runs<Instruction>(state, bytes, short_run, over_short_run);
    for (; size >= 8; bytes += 8, size -= 8) state = Instruction::step8(state, bytes);
    for (; size > 0; ++bytes, --size) state = Instruction::step1(state, bytes);
    return state;
}

}  // namespace
}  // namespace persiscsi::pdu
