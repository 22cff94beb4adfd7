// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <mutex>
#include <span>
#include <string>
#include <string_view>

namespace persiscsi::target {

/// The bytes behind RAM LUNs. They live as long as this object, over any number of connections and scripted_targets;
/// with a directory they live in files there (MAP_SHARED), so that the death of the process loses nothing.
class ram_store {
  public:
    ram_store() = default;
    /// `directory` must exist; each volume is one file in it.
    explicit ram_store(std::filesystem::path directory) : directory_(std::move(directory)) {}
    ~ram_store();
    ram_store(const ram_store&) = delete;
    ram_store& operator=(const ram_store&) = delete;

    /// The volume of that target and LUN, zeroed when new. The same memory for the same arguments; throws
    /// std::system_error, or std::invalid_argument where it exists with another size. Safe from any thread.
    [[nodiscard]] std::span<std::byte> volume(std::string_view target, std::uint64_t lun, std::uint64_t bytes);

  private:
    [[nodiscard]] std::span<std::byte> map(const std::string& name, std::uint64_t bytes) const;

    std::filesystem::path directory_;
    std::mutex mutex_;
    std::map<std::string, std::span<std::byte>> volumes_;
};

}  // namespace persiscsi::target
