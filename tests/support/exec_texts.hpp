// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <unistd.h>
#include <utility>
#include <vector>

namespace persiscsi {

/// Words or an environment as execve() takes them. Made before fork(): the child of a process with threads may not
/// allocate, since one of them may have held the allocator's lock.
class exec_texts {
  public:
    explicit exec_texts(std::vector<std::string> texts) : texts_(std::move(texts)) {
        for (auto& text : texts_) pointers_.push_back(text.data());
        pointers_.push_back(nullptr);
    }
    exec_texts(const exec_texts&) = delete;
    exec_texts& operator=(const exec_texts&) = delete;

    [[nodiscard]] char* const* pointers() const { return pointers_.data(); }

  private:
    std::vector<std::string> texts_;
    std::vector<char*> pointers_;
};

/// Ours without what speaks to persiscsi, and `more`.
[[nodiscard]] inline std::vector<std::string> environment_with(
    const std::vector<std::pair<std::string, std::string>>& more) {
    std::vector<std::string> all;
    for (char** one = environ; *one != nullptr; ++one) {
        const std::string_view entry(*one);
        if (!entry.starts_with("PERSISCSI_") && !entry.starts_with("NOTIFY_SOCKET=")) all.emplace_back(entry);
    }
    for (const auto& [name, value] : more) all.push_back(name + "=" + value);
    return all;
}

}  // namespace persiscsi
