// SPDX-License-Identifier: Apache-2.0
#include "cli/daemon_link.hpp"

#include "cli/command_error.hpp"
#include "cli/console.hpp"
#include "cli/invocation.hpp"

#include <boost/json/array.hpp>

#include <algorithm>

namespace persiscsi::cli {
namespace {

[[noreturn]] void throw_without_answer(const control::control_error& error) {
    const std::string what = error.what();
    switch (error.kind()) {
        case control::control_failure::unreachable:
            throw command_error(exit_code::unreachable,
                                what + "; start persiscsid, or name the directory of its socket by --runtime-dir");
        case control::control_failure::permission:
            throw command_error(exit_code::permission, what + "; only root and the socket's owner and group may");
        case control::control_failure::timeout:
            throw command_error(exit_code::timed_out, what);
        case control::control_failure::protocol:
            break;
    }
    throw command_error(exit_code::unreachable, what);
}

}  // namespace

daemon_link::daemon_link(const invocation& line, console& out, std::chrono::milliseconds patience)
    : client_(line.socket()), out_(&out), patience_(patience) {
    if (const auto timeout = line.timeout()) until_ = std::chrono::steady_clock::now() + *timeout;
}

std::chrono::milliseconds daemon_link::time_left() const {
    if (!until_) return patience_;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(*until_ - std::chrono::steady_clock::now());
    return std::max(left, std::chrono::milliseconds(1));
}

template <class Call>
auto daemon_link::answer_of(const std::string& method, const std::string& target, Call call) {
    out_->verbose(method + " " + target);
    try {
        auto answer = call(time_left());
        out_->debug("answer: HTTP " + std::to_string(answer.status));
        if (answer.ok()) return answer;
        const auto error = control::error_of(answer);
        throw command_error(exit_code_of_number(error.exit), error.message);
    } catch (const control::control_error& error) {
        throw_without_answer(error);
    }
}

boost::json::object daemon_link::get(const std::string& target) {
    return send("GET", target, nullptr);
}

boost::json::object daemon_link::send(const std::string& method,
                                      const std::string& target,
                                      const boost::json::value& body) {
    const auto answer =
        answer_of(method, target, [&](auto deadline) { return client_.call(method, target, body, deadline); });
    if (const auto* object = answer.body.if_object()) return *object;
    throw command_error(exit_code::internal, method + " " + target + ": the daemon's answer is not a JSON object");
}

std::vector<std::byte> daemon_link::get_bytes(const std::string& target) {
    return answer_of(
               "GET", target, [&](auto deadline) { return client_.call_raw("GET", target, std::nullopt, deadline); })
        .body;
}

void daemon_link::put_bytes(const std::string& target, std::span<const std::byte> body) {
    answer_of("PUT", target, [&](auto deadline) { return client_.call_raw("PUT", target, body, deadline); });
}

const boost::json::array& list_in(const boost::json::object& answer, const char* name) {
    const auto* value = answer.if_contains(name);
    const auto* list = value != nullptr ? value->if_array() : nullptr;
    if (list == nullptr)
        throw command_error(exit_code::internal, std::string("the daemon's answer has no list ") + name);
    for (const auto& item : *list)
        if (!item.is_object())
            throw command_error(exit_code::internal, std::string("an item of ") + name + " is not an object");
    return *list;
}

std::string text_in(const boost::json::object& object, std::string_view member) {
    const auto* value = object.if_contains({member.data(), member.size()});
    const auto* text = value != nullptr ? value->if_string() : nullptr;
    return text != nullptr ? std::string(*text) : std::string();
}

}  // namespace persiscsi::cli
