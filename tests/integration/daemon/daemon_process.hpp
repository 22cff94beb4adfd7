// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <sys/types.h>
#include <utility>
#include <vector>

namespace persiscsi::testing {

inline constexpr std::chrono::seconds patience{20};  // for anything that has to happen

/// A child process whose output goes to a file. Killed when this object goes.
class child_process {
  public:
    using environment = std::vector<std::pair<std::string, std::string>>;

    /// `uid` other than 0: drops to that user (and the group of the same number) first.
    child_process(const std::vector<std::string>& command,
                  const environment& more,
                  const std::filesystem::path& output,
                  ::uid_t uid = 0);
    child_process(const child_process&) = delete;
    child_process& operator=(const child_process&) = delete;
    ~child_process();

    [[nodiscard]] ::pid_t pid() const { return pid_; }
    void signal(int number) const;
    /// Waits for its end. The exit code; 128 + the signal; -1 when it did not end in time.
    int wait(std::chrono::milliseconds limit = patience);
    /// Returns true at once when it has ended, else false after `pause`.
    [[nodiscard]] bool ended_within(std::chrono::milliseconds pause) const;

  private:
    ::pid_t pid_ = -1;
    int process_ = -1;  // pidfd
    int exit_code_ = -1;
    bool reaped_ = false;
};

/// A directory of its own under TMPDIR, removed with everything in it.
class temporary_directory {
  public:
    temporary_directory();
    temporary_directory(const temporary_directory&) = delete;
    temporary_directory& operator=(const temporary_directory&) = delete;
    ~temporary_directory();

    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

  private:
    std::filesystem::path path_;
};

[[nodiscard]] std::string content_of(const std::filesystem::path& file);
void write_content(const std::filesystem::path& file, std::string_view content);

}  // namespace persiscsi::testing
