// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/file_descriptor.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace persiscsi::cli {

class unit_access;

/// Where data to be written comes from: a file, or standard input for "-". Throws command_error.
class byte_source {
  public:
    explicit byte_source(const std::string& path);

    /// Bytes still to come; nothing where only the end will tell (a pipe).
    [[nodiscard]] std::optional<std::uint64_t> size() const { return size_; }

    /// Fills the span unless the data ends first; returns how much is in it. Sessions of `unit` live on while it waits.
    std::size_t fill(std::span<std::byte> into, unit_access& unit);

  private:
    file_descriptor owned_;
    int descriptor_;
    std::string name_;
    std::optional<std::uint64_t> size_;
    bool regular_ = false;
};

/// Where data read goes: a file, or standard output for "-". Throws command_error; where standard output's reader has
/// gone, one without a reason: there is nobody to tell.
class byte_sink {
  public:
    explicit byte_sink(const std::string& path);

    void write(std::span<const std::byte> data, unit_access& unit);

    /// Closes the file; an error of the last write can show here.
    void close();

    /// After a failure: removes the file if it was made here. Returns what to tell about it, maybe nothing.
    std::string abandon();

  private:
    [[noreturn]] void fail(int error) const;

    std::string path_;  ///< empty for standard output
    file_descriptor owned_;
    int descriptor_;
    std::string name_;
    bool created_ = false;
    bool regular_ = false;
};

}  // namespace persiscsi::cli
