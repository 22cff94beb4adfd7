// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <system_error>

namespace persiscsi {

/// What a caller can do about an error.
enum class error_class {
    permanent,     ///< the same request will fail again
    retry_later,   ///< the peer may answer otherwise after a while
    session_lost,  ///< the connection is of no more use; a new login may help
    misuse,        ///< our side asked for something that cannot be
};

/// One error: its number, the name a program may print, a text for people, and what follows from it.
template <class Errc>
struct error_row {
    Errc value;
    std::string_view name;
    std::string_view text;
    error_class what_next;
};

/// A std::error_category over a table of rows. `classify` finds the row again behind an error_code.
class table_category : public std::error_category {
  public:
    [[nodiscard]] virtual error_class classify(int value) const noexcept = 0;
    [[nodiscard]] virtual std::string_view name_of(int value) const noexcept = 0;
};

template <class Errc, std::size_t N>
class error_category_of final : public table_category {
  public:
    constexpr error_category_of(const char* category_name, const error_row<Errc> (&rows)[N])
        : category_name_(category_name), rows_(rows) {}

    [[nodiscard]] const char* name() const noexcept override { return category_name_; }
    [[nodiscard]] std::string message(int value) const override {
        const auto* row = find(value);
        return row ? std::string(row->text) : "unknown error " + std::to_string(value);
    }
    [[nodiscard]] error_class classify(int value) const noexcept override {
        const auto* row = find(value);
        return row ? row->what_next : error_class::permanent;
    }
    [[nodiscard]] std::string_view name_of(int value) const noexcept override {
        const auto* row = find(value);
        return row ? row->name : std::string_view("unknown");
    }

  private:
    [[nodiscard]] const error_row<Errc>* find(int value) const noexcept {
        for (const auto& row : rows_)
            if (static_cast<int>(row.value) == value) return &row;
        return nullptr;
    }

    const char* category_name_;
    std::span<const error_row<Errc>> rows_;
};

/// The class of any error_code: of our tables by their row; of the system's (sockets, resolver) `session_lost`.
[[nodiscard]] inline error_class classify(const std::error_code& code) {
    const auto* ours = dynamic_cast<const table_category*>(&code.category());
    return ours ? ours->classify(code.value()) : error_class::session_lost;
}

}  // namespace persiscsi
