// SPDX-License-Identifier: Apache-2.0
#include "cli/cdb_text.hpp"

#include "cli/command_error.hpp"
#include "cli/printable.hpp"

#include <cstdio>
#include <optional>

namespace persiscsi::cli {
namespace {

constexpr std::size_t shortest_cdb = 6;
constexpr std::size_t longest_cdb = 260;

/// -1: none.
int digit_of(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

[[noreturn]] void refuse_digit(char c, std::size_t at) {
    throw usage_error("CDB: " + in_quotes(std::string(1, c)) + " at place " + std::to_string(at + 1) +
                      " is no hexadecimal digit");
}

std::vector<std::byte> bytes_of_digits(const std::string& text) {
    std::vector<std::byte> bytes;
    unsigned high = 0;
    bool within = false;  // a byte of which the first digit is read
    for (std::size_t at = 0; at < text.size(); ++at) {
        const bool parts = text[at] == ' ' || text[at] == ':';
        if (parts && within)
            throw usage_error("CDB: byte " + std::to_string(bytes.size()) + " has one digit only; write two for each");
        if (parts) continue;
        const int digit = digit_of(text[at]);
        if (digit < 0) refuse_digit(text[at], at);
        if (within) bytes.push_back(static_cast<std::byte>(high << 4U | static_cast<unsigned>(digit)));
        high = static_cast<unsigned>(digit);
        within = !within;
    }
    if (within)
        throw usage_error("CDB: an odd number of hexadecimal digits (" + std::to_string(2 * bytes.size() + 1) + ")");
    return bytes;
}

/// SPC: the three high bits of the operation code give the length; 7Fh has its own, the rest is not fixed.
std::optional<std::size_t> length_of_code(std::span<const std::byte> cdb) {
    const auto code = std::to_integer<unsigned>(cdb[0]);
    switch (code >> 5U) {
        case 0:
            return 6;
        case 1:
        case 2:
            return 10;
        case 4:
            return 16;
        case 5:
            return 12;
        default:
            break;
    }
    if (code == 0x7f && cdb.size() >= 8) return 8 + std::to_integer<std::size_t>(cdb[7]);
    return std::nullopt;
}

void check_length(std::span<const std::byte> cdb) {
    const auto given = std::to_string(cdb.size());
    if (cdb.size() < shortest_cdb || cdb.size() > longest_cdb)
        throw usage_error("CDB: " + given + " bytes; allowed are 6 to 260");
    const auto expected = length_of_code(cdb);
    if (!expected || *expected == cdb.size()) return;
    throw usage_error("CDB: " + given + " bytes, but " + (cdb[0] == std::byte{0x7f} ? "byte 7 of " : "") +
                      "operation code " + hex_of(cdb.first(1)) + "h wants " + std::to_string(*expected));
}

}  // namespace

std::vector<std::byte> parse_cdb(std::span<const std::string> words) {
    std::string text;
    for (const auto& word : words) text += (text.empty() ? "" : " ") + word;
    auto cdb = bytes_of_digits(text);
    check_length(cdb);
    return cdb;
}

std::string hex_of(std::span<const std::byte> bytes) {
    static constexpr char digits[] = "0123456789abcdef";
    std::string text;
    text.reserve(2 * bytes.size());
    for (const auto byte : bytes) {
        text += digits[std::to_integer<unsigned>(byte) >> 4U];
        text += digits[std::to_integer<unsigned>(byte) & 15U];
    }
    return text;
}

std::string hex_dump(std::span<const std::byte> bytes) {
    constexpr std::size_t columns = 16;
    std::string text;
    for (std::size_t at = 0; at < bytes.size(); at += columns) {
        const auto line = bytes.subspan(at, std::min(columns, bytes.size() - at));
        char offset[24];
        std::snprintf(offset, sizeof offset, "%08zx ", at);
        text += offset;
        for (std::size_t i = 0; i < columns; ++i) {
            if (i % 8 == 0) text += ' ';
            text += i < line.size() ? hex_of(line.subspan(i, 1)) + " " : "   ";
        }
        text += " |";
        for (const auto byte : line) {
            const char c = static_cast<char>(byte);
            text += c >= 0x20 && c <= 0x7e ? c : '.';
        }
        text += "|\n";
    }
    return text;
}

}  // namespace persiscsi::cli
