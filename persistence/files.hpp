// SPDX-License-Identifier: Apache-2.0
// The few file operations of the state directory. All throw store_error naming operation and path.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <sys/types.h>

namespace persiscsi::persistence {

// Owns a file descriptor.
class descriptor {
  public:
    explicit descriptor(int number) noexcept : number_(number) {}
    descriptor(descriptor&& other) noexcept;
    descriptor& operator=(descriptor&& other) noexcept;
    ~descriptor();
    int number() const noexcept { return number_; }

  private:
    int number_;
};

descriptor open_file(const std::filesystem::path& file, int flags, mode_t mode, std::string_view operation);

// The whole content; longer than `limit` bytes, or not a regular file: store_errc::damaged.
std::string read_small_file(const std::filesystem::path& file, std::size_t limit, std::string_view operation);
std::string read_small_file(const descriptor& source,
                            const std::filesystem::path& file,
                            std::size_t limit,
                            std::string_view operation);

// A new file with mode 0600 that appears under its name complete and durable, or not at all. Replaces nothing: an
// existing file is already_exists.
void create_durable_file(const std::filesystem::path& file, std::string_view content, std::string_view operation);

void sync_directory(const std::filesystem::path& directory, std::string_view operation);

// Mode 0700 when it has to be made.
void ensure_directory(const std::filesystem::path& directory);

// The exclusive lock on a state directory: flock on its file "lock", which holds the owner's pid as text. The kernel
// drops it with the process, however that ends; the file stays.
class directory_lock {
  public:
    explicit directory_lock(const std::filesystem::path& directory);

  private:
    descriptor file_;
};

}  // namespace persiscsi::persistence
