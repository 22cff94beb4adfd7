// SPDX-License-Identifier: Apache-2.0
#include "persistence/boot_id.hpp"

#include "persistence/errors.hpp"
#include "persistence/files.hpp"
#include "persistence/records.hpp"

#include <algorithm>
#include <cstdlib>

namespace persiscsi::persistence {
namespace {

constexpr std::string_view white_space = " \t\r\n";

std::string_view trimmed(std::string_view text) {
    const auto first = text.find_first_not_of(white_space);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(white_space) - first + 1);
}

}  // namespace

std::string read_boot_id() {
    const char* named = std::getenv("PERSISCSI_BOOT_ID_FILE");
    return read_boot_id(named != nullptr && *named != '\0' ? named : "/proc/sys/kernel/random/boot_id");
}

std::string read_boot_id(const std::filesystem::path& file) {
    constexpr std::size_t longest_file = 4096;
    const auto text = read_small_file(file, longest_file, "read boot id");
    const auto id = trimmed(text);
    if (const auto fault = boot_id_fault(id); !fault.empty()) {
        throw store_error(store_errc::damaged, "read boot id", file.native(), fault);
    }
    return std::string(id);
}

std::string boot_id_fault(std::string_view id) {
    if (id.empty()) return "it is empty";
    if (id.size() > max_boot_id_bytes) {
        return std::to_string(id.size()) + " bytes, at most " + std::to_string(max_boot_id_bytes);
    }
    const bool printable =
        std::ranges::all_of(id, [](char character) { return character > ' ' && character < '\x7f'; });
    return printable ? "" : "it holds something else than printable ASCII";
}

}  // namespace persiscsi::persistence
