// SPDX-License-Identifier: Apache-2.0
// Everything that can go wrong in this room. The whole room throws store_error and nothing else of its own
// (docs/decisions/0002-persistence-throws.md); std::bad_alloc passes through.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <system_error>

namespace persiscsi::persistence {

enum class store_errc {
    not_found = 1,   // no such registration, session or secret
    already_exists,  // the id is in use already
    in_use,          // others refer to it
    misuse,          // a value out of range, or a call out of order
    locked,          // another process owns the state directory
    permission,      // the operating system said no
    read_only,       // the file system is mounted read-only
    full,            // no space, quota or file size limit
    damaged,         // the file or the row is not what we wrote
    newer_version,   // written by a later persiscsi
    wrong_key,       // a sealed secret, and not the key that sealed it
    io,              // anything else the operating system reports
};

// What to do next.
enum class store_error_class {
    permanent,    // somebody has to act first
    retry_later,  // the same call may succeed by itself later
    misuse,       // the caller's mistake
};

// The stable name, e.g. "in_use", for JSON and logs; and the class of the row.
std::string_view name_of(store_errc code) noexcept;
store_error_class class_of(store_errc code) noexcept;

const std::error_category& store_category() noexcept;
std::error_code make_error_code(store_errc code) noexcept;

// Which of our codes an errno value means (EROFS: read_only, EACCES: permission, ENOSPC: full, others: io).
store_errc errc_from_errno(int error) noexcept;

// what() is one line: "<operation> <object>: <text of the code> (<reason>)"; without a reason the brackets go.
// Control characters in the parts are printed as \xNN. No part ever holds a secret's value.
class store_error : public std::system_error {
  public:
    store_error(store_errc code, std::string_view operation, std::string_view object, std::string_view reason = {});

    const char* what() const noexcept override { return message_->c_str(); }
    store_errc errc() const noexcept { return static_cast<store_errc>(code().value()); }

  private:
    std::shared_ptr<const std::string> message_;  // shared: an exception must copy without throwing
};

// store_error of an errno value; the reason is the system's text for it.
store_error system_failure(int error, std::string_view operation, std::string_view object);

// The text in double quotes, shortened to 80 bytes, control characters as \xNN: foreign text fit for an error line.
std::string in_quotes(std::string_view text);

}  // namespace persiscsi::persistence

template <>
struct std::is_error_code_enum<persiscsi::persistence::store_errc> : std::true_type {};
