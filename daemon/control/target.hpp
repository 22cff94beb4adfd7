// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace persiscsi::control {

/// The text with everything but RFC 3986 §2.3 unreserved characters as %XX: fit for one path segment or query value.
[[nodiscard]] std::string percent_encoded(std::string_view text);
/// nullopt: a % without two hex digits behind it.
[[nodiscard]] std::optional<std::string> percent_decoded(std::string_view text);

/// "/v1/sessions" and {{"target", "iqn…"}, …} → "/v1/sessions?target=iqn…&…".
[[nodiscard]] std::string with_query(std::string_view path,
                                     const std::vector<std::pair<std::string, std::string>>& query);

/// A request target taken apart: decoded path segments and query pairs in their order.
struct parsed_target {
    std::vector<std::string> segments;
    std::vector<std::pair<std::string, std::string>> query;
};
/// nullopt: not absolute, empty segments in between, or a wrong escape.
[[nodiscard]] std::optional<parsed_target> parse_target(std::string_view target);

}  // namespace persiscsi::control
