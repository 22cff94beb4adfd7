// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace persiscsi::daemon {

/// Nesting we follow in a request's JSON, and its size (bytes) unless a route says otherwise.
inline constexpr std::size_t max_json_depth = 32;
inline constexpr std::size_t max_json_body = std::size_t{1} << 20;

/// Parses a request's body; api_failure bad_request names the place, never a part of the text.
[[nodiscard]] boost::json::value parse_json(std::string_view text);

/// The fields of one JSON object of a request, taken by name and type. A missing field and null are the same; a field
/// of another type, too long or out of range ends the request with bad_request naming it. Unknown fields are ignored.
class json_fields {
  public:
    /// `what` names the object in errors: "connect request".
    json_fields(const boost::json::value& from, std::string what);

    [[nodiscard]] std::optional<std::string> text(std::string_view name, std::size_t longest) const;
    [[nodiscard]] std::string required_text(std::string_view name, std::size_t longest) const;
    [[nodiscard]] bool flag(std::string_view name) const;
    [[nodiscard]] std::optional<std::int64_t> number(std::string_view name, std::int64_t low, std::int64_t high) const;
    [[nodiscard]] std::vector<std::string> texts(std::string_view name, std::size_t most) const;
    /// {"k": "v", …}, or [{"key": "k", "value": "v"}, …] which may repeat a key.
    [[nodiscard]] std::vector<std::pair<std::string, std::string>> pairs(std::string_view name, std::size_t most) const;
    /// nullptr: missing or null.
    [[nodiscard]] const boost::json::value* any(std::string_view name) const;

    [[noreturn]] void refuse(std::string_view name, std::string_view reason) const;

  private:
    const boost::json::object* object_;
    std::string what_;
};

}  // namespace persiscsi::daemon
