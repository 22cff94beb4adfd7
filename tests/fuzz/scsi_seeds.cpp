// SPDX-License-Identifier: Apache-2.0
// Replies as SPC and SBC lay them out.
#include "tests/fuzz/seed.hpp"
#include "tests/fuzz/targets.hpp"

namespace persiscsi::fuzz {
namespace {

/// A VPD page: device type, page code, PAGE LENGTH, then what it holds.
bytes page(unsigned code, const bytes& content) {
    return seed().number(0).number(code).number(content.size(), 2).add(content);
}

/// A descriptor of page 83h.
bytes designator(unsigned code_set, unsigned type, std::string_view name) {
    return seed().number(code_set).number(type).number(0).number(name.size()).text(name);
}

bytes joined(std::initializer_list<bytes> parts) {
    seed whole;
    for (const auto& one : parts) whole.add(one);
    return whole;
}

/// Header, block descriptor and caching page of MODE SENSE (6) or (10).
bytes mode_reply(std::size_t header) {
    return seed().zeros(header - 1).number(8).zeros(8).number(0x08).number(0x12).number(0x04).zeros(0x11);
}

}  // namespace

std::vector<bytes> sense_seeds() {
    const bytes fixed =
        seed().number(0xf0).number(0).number(3).number(77, 4).number(10).zeros(4).number(0x1100, 2).zeros(4);
    const bytes information = seed().number(0).number(0x0a).number(0x80).number(0).number(1, 8);
    const bytes descriptors = seed().number(0x72).number(3).number(0x1100, 2).zeros(3).number(12).add(information);
    return {fixed,
            descriptors,
            seed().number(fixed.size(), 2).add(fixed),
            seed().number(0x71).zeros(17),
            seed().number(0x73).number(6).number(0x2900, 2).zeros(4)};
}

std::vector<bytes> inquiry_seeds() {
    return {seed().number(0).number(0x80).number(6).number(2).number(31).zeros(3).text("PERSISCSRAM DISK        0001"),
            seed().number(0x7f).zeros(4),
            seed().number(0x20).zeros(35)};
}

std::vector<bytes> vpd_seeds() {
    return {page(0x00, bytes{std::byte{0}, std::byte{0x80}, std::byte{0x83}, std::byte{0xb0}}),
            page(0x80, seed().text("  serial 1  ")),
            page(0x83,
                 joined({designator(1, 3, "\x60\x01\x40\x51\x02\x03\x04\x05"),
                         designator(2, 1, "PERSISCSxyz"),
                         designator(3, 8, "iqn.2024-01.example:a"),
                         designator(1, 2, "12345678"),
                         designator(1, 0x94, "\x01")})),
            page(0xb0, seed().zeros(60)),
            page(0xb2, seed().zeros(4))};
}

std::vector<bytes> capacity_seeds() {
    return {seed().number(8191, 4).number(512, 4),
            seed().number(0xffffffff, 4).number(4096, 4),
            seed().number(std::uint64_t{1} << 40U, 8).number(512, 4).number(0x0304, 2).number(0xc001, 2).zeros(16)};
}

std::vector<bytes> report_luns_seeds() {
    return {seed().number(16, 4).zeros(4).number(0, 8).number(0x4001000000000000, 8),
            seed().number(0x10000, 4).zeros(4).number(1, 8),
            seed().number(7, 4).zeros(12)};
}

std::vector<bytes> mode_sense_seeds() {
    return {mode_reply(4), mode_reply(8), seed().number(3).zeros(3)};
}

}  // namespace persiscsi::fuzz
