// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace persiscsi::persistence {

// The id of this boot: the text in the file named by the environment variable PERSISCSI_BOOT_ID_FILE, else in
// /proc/sys/kernel/random/boot_id. White space around it is dropped; what remains must be 1 to max_boot_id_bytes
// printable ASCII characters, else store_errc::damaged. A missing or unreadable file: not_found, permission, io.
std::string read_boot_id();
std::string read_boot_id(const std::filesystem::path& file);

// Why this text is no boot id; empty: it is one.
std::string boot_id_fault(std::string_view id);

}  // namespace persiscsi::persistence
