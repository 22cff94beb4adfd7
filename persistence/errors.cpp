// SPDX-License-Identifier: Apache-2.0
#include "persistence/errors.hpp"

#include <array>
#include <cerrno>
#include <cstddef>

namespace persiscsi::persistence {
namespace {

struct errc_row {
    store_errc code;
    std::string_view name;
    std::string_view text;
    store_error_class error_class;
};

using enum store_error_class;

constexpr std::array rows{
    errc_row{store_errc::not_found, "not_found", "not found", permanent},
    errc_row{store_errc::already_exists, "already_exists", "already exists", misuse},
    errc_row{store_errc::in_use, "in_use", "in use", permanent},
    errc_row{store_errc::misuse, "misuse", "invalid request", misuse},
    errc_row{store_errc::locked, "locked", "in use by another process", retry_later},
    errc_row{store_errc::permission, "permission", "permission denied", permanent},
    errc_row{store_errc::read_only, "read_only", "file system is read-only", permanent},
    errc_row{store_errc::full, "full", "no space left", retry_later},
    errc_row{store_errc::damaged, "damaged", "damaged", permanent},
    errc_row{store_errc::newer_version, "newer_version", "written by a newer version of persiscsi", permanent},
    errc_row{store_errc::wrong_key, "wrong_key", "the key file does not fit", permanent},
    errc_row{store_errc::io, "io", "input/output error", retry_later},
};

constexpr bool rows_are_in_order() {
    for (std::size_t index = 0; index < rows.size(); ++index) {
        if (static_cast<std::size_t>(rows[index].code) != index + 1) return false;
    }
    return rows.back().code == store_errc::io;
}
static_assert(rows_are_in_order(), "one row per store_errc, in the order of the enum");

const errc_row* row_of(int code) noexcept {
    if (code < 1 || static_cast<std::size_t>(code) > rows.size()) return nullptr;
    return &rows[static_cast<std::size_t>(code) - 1];
}

struct category final : std::error_category {
    const char* name() const noexcept override { return "persiscsi.store"; }
    std::string message(int code) const override {
        const auto* row = row_of(code);
        return row == nullptr ? "unknown store error " + std::to_string(code) : std::string(row->text);
    }
};

std::string printable(std::string_view text) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string out;
    out.reserve(text.size());
    for (const char character : text) {
        const auto byte = static_cast<unsigned char>(character);
        if (byte >= 0x20 && byte != 0x7f) {
            out += character;
        } else {
            out += {'\\', 'x', digits[byte >> 4U], digits[byte & 0xfU]};
        }
    }
    return out;
}

std::string line(store_errc code, std::string_view operation, std::string_view object, std::string_view reason) {
    std::string out(operation);
    if (!object.empty()) (out += ' ') += object;
    (out += ": ") += make_error_code(code).message();
    if (!reason.empty()) ((out += " (") += reason) += ')';
    return printable(out);
}

}  // namespace

std::string_view name_of(store_errc code) noexcept {
    const auto* row = row_of(static_cast<int>(code));
    return row == nullptr ? std::string_view("unknown") : row->name;
}

store_error_class class_of(store_errc code) noexcept {
    const auto* row = row_of(static_cast<int>(code));
    return row == nullptr ? permanent : row->error_class;
}

const std::error_category& store_category() noexcept {
    static const category instance;
    return instance;
}

std::error_code make_error_code(store_errc code) noexcept {
    return {static_cast<int>(code), store_category()};
}

store_errc errc_from_errno(int error) noexcept {
    switch (error) {
        case EROFS:
            return store_errc::read_only;
        case EACCES:
        case EPERM:
            return store_errc::permission;
        case ENOSPC:
        case EDQUOT:
        case EFBIG:
            return store_errc::full;
        case ENOENT:
            return store_errc::not_found;
        case EAGAIN:
        case EBUSY:
            return store_errc::locked;
        default:
            return store_errc::io;
    }
}

store_error::store_error(store_errc code, std::string_view operation, std::string_view object, std::string_view reason)
    : std::system_error(make_error_code(code)),
      message_(std::make_shared<const std::string>(line(code, operation, object, reason))) {}

store_error system_failure(int error, std::string_view operation, std::string_view object) {
    return {errc_from_errno(error), operation, object, std::generic_category().message(error)};
}

std::string in_quotes(std::string_view text) {
    constexpr std::size_t longest = 80;
    const bool cut = text.size() > longest;
    return '"' + printable(text.substr(0, longest)) + (cut ? "…\"" : "\"");
}

}  // namespace persiscsi::persistence
