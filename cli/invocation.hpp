// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace persiscsi::cli {

struct command_row;

/// One command line, taken apart: operands and options as text, and typed access that throws command_error (usage)
/// with the option's name.
class invocation {
  public:
    const command_row* command = nullptr;
    std::vector<std::string> operands;
    std::map<std::string, std::vector<std::string>, std::less<>> options;

    [[nodiscard]] bool given(std::string_view option) const { return options.find(option) != options.end(); }
    [[nodiscard]] std::optional<std::string> text(std::string_view option) const;
    [[nodiscard]] std::string text_or(std::string_view option, std::string_view preset) const;
    /// All values of an option that may be repeated, in their order.
    [[nodiscard]] std::vector<std::string> all(std::string_view option) const;
    /// Decimal, or hexadecimal after 0x.
    [[nodiscard]] std::optional<std::uint64_t> number(std::string_view option,
                                                      std::uint64_t lowest,
                                                      std::uint64_t highest) const;
    /// KEY=VALUE pairs of an option that may be repeated. A missing = or an empty key is refused.
    [[nodiscard]] std::vector<std::pair<std::string, std::string>> pairs(std::string_view option) const;

    /// --timeout.
    [[nodiscard]] std::optional<std::chrono::milliseconds> timeout() const;
    [[nodiscard]] std::filesystem::path state_dir() const;
    [[nodiscard]] std::filesystem::path socket() const;

    /// Standard input can be read for one purpose only; the second who claims it is a usage error naming both.
    void claim_standard_input(const std::string& purpose);

  private:
    std::string standard_input_purpose_;
};

}  // namespace persiscsi::cli
