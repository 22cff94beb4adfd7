// SPDX-License-Identifier: Apache-2.0
#include "cli/printable.hpp"

namespace persiscsi::cli {

std::string printable(std::string_view foreign, std::size_t longest) {
    static constexpr char digits[] = "0123456789abcdef";
    std::string result;
    for (const char c : foreign.substr(0, longest)) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte >= 0x20 && byte != 0x7f) {
            result += c;
            continue;
        }
        result += "\\x";
        result += digits[byte >> 4];
        result += digits[byte & 15];
    }
    if (foreign.size() > longest) result += "...";
    return result;
}

std::string in_quotes(std::string_view foreign) {
    return '"' + printable(foreign, 80) + '"';
}

}  // namespace persiscsi::cli
