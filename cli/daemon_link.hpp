// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/control/control_client.hpp"

#include <boost/json/object.hpp>

#include <chrono>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace persiscsi::cli {

class invocation;
class console;

/// The patience of commands that wait: long enough to stand for ever, short enough for every clock.
inline constexpr std::chrono::hours for_ever{24 * 365};

/// The daemon, as commands see it: an answer, or command_error with the exit code the answer's error names; without an
/// answer, what to do about it. The deadline of --timeout is that of all calls together.
class daemon_link {
  public:
    /// `patience` holds where no --timeout was given.
    daemon_link(const invocation& line, console& out, std::chrono::milliseconds patience = std::chrono::seconds(60));

    /// The answer's JSON object.
    boost::json::object get(const std::string& target);
    boost::json::object send(const std::string& method, const std::string& target, const boost::json::value& body);
    /// Bytes of an octet-stream answer.
    std::vector<std::byte> get_bytes(const std::string& target);
    void put_bytes(const std::string& target, std::span<const std::byte> body);

  private:
    std::chrono::milliseconds time_left() const;
    template <class Call>
    auto answer_of(const std::string& method, const std::string& target, Call call);

    control::control_client client_;
    console* out_;
    std::chrono::milliseconds patience_;
    std::optional<std::chrono::steady_clock::time_point> until_;
};

/// The array of that name in the daemon's answer. Throws command_error (internal) where the answer has none, or where
/// an item is not an object.
[[nodiscard]] const boost::json::array& list_in(const boost::json::object& answer, const char* name);

/// The text of a member; empty where it is absent or no text.
[[nodiscard]] std::string text_in(const boost::json::object& object, std::string_view member);

}  // namespace persiscsi::cli
