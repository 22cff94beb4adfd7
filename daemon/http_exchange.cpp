// SPDX-License-Identifier: Apache-2.0
#include "daemon/http_exchange.hpp"

#include "daemon/control/target.hpp"
#include "persistence/errors.hpp"

#include <boost/json/serialize.hpp>
#include <openssl/crypto.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <charconv>
#include <optional>

namespace persiscsi::daemon {
namespace {

constexpr std::int64_t api_version = 1;
constexpr std::int64_t longest_deadline = 10LL * 366 * 24 * 3600 * 1000;  // milliseconds

// Strict: digits only. nullopt for anything else.
std::optional<std::int64_t> whole_number(std::string_view text) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (text.empty() || error != std::errc() || end != text.data() + text.size() || number < 0) return std::nullopt;
    return number;
}

std::string_view field(const request_parser& parser, std::string_view name) {
    const auto value = parser.get()[boost::beast::string_view(name.data(), name.size())];
    return {value.data(), value.size()};
}

void check_version(const request_parser& parser) {
    const auto text = field(parser, "Persiscsi-Api");
    if (text.empty()) return;
    const auto version = whole_number(text);
    if (!version) throw api_failure(api_errc::bad_request, "read the request: Persiscsi-Api is not a number");
    if (*version == api_version) return;
    const bool newer = *version > api_version;
    throw api_failure(api_errc::bad_request,
                      "read the request: the client is too " + std::string(newer ? "new" : "old") + ": it speaks API " +
                          std::to_string(*version) + ", this daemon API " + std::to_string(api_version) + "; update " +
                          (newer ? "the daemon" : "the client"));
}

deadline deadline_of(const request_parser& parser, const server_limits& limits) {
    const auto now = std::chrono::steady_clock::now();
    const auto text = field(parser, "Persiscsi-Deadline-Ms");
    if (text.empty()) return now + limits.default_deadline;
    const auto wait = whole_number(text);
    if (!wait) throw api_failure(api_errc::bad_request, "read the request: Persiscsi-Deadline-Ms is not a number");
    return now + std::chrono::milliseconds(std::min(*wait, longest_deadline));
}

// A write of blocks is I/O, not a change of ours; a rehearsal is none either.
bool changes_something(const understood& what) {
    if (what.way->needs != access::operate || what.request.verb == "GET" || what.way->takes == body_kind::octets)
        return false;
    const auto* body = what.request.body.if_object();
    const auto* rehearsal = body != nullptr ? body->if_contains("dry_run") : nullptr;
    return rehearsal == nullptr || !rehearsal->is_bool() || !rehearsal->get_bool();
}

void check_access(const understood& what) {
    const auto& request = what.request;
    if (request.may >= what.way->needs) return;
    throw api_failure(api_errc::forbidden,
                      request.verb + " " + std::string(what.way->pattern) + ": uid " + std::to_string(request.who.uid) +
                          " may only look: it is no operator");
}

boost::asio::awaitable<api_reply> outcome_of(service& in, understood& what) {
    std::optional<api_failure> failed;
    try {
        check_access(what);
        co_return co_await what.way->handler(in, what.request);
    } catch (...) {
        failed = current_failure();
    }
    spdlog::warn("request=\"{} {}\" error={} message=\"{}\"",
                 what.way->verb,
                 what.way->pattern,
                 row_of(failed->code()).name,
                 failed->what());
    co_return failed_reply(*failed);
}

}  // namespace

understood understand(const request_parser& parser, const server_limits& limits) {
    check_version(parser);
    const auto& header = parser.get();
    const std::string verb(header.method_string());
    const std::string_view line(header.target().data(), header.target().size());
    auto target = control::parse_target(line);
    if (!target)
        throw api_failure(api_errc::bad_request, "read the request: " + persistence::in_quotes(line) + " is no path");
    auto found = find_route(verb, target->segments);
    if (found.found == nullptr) {
        const auto what = "read the request: " + persistence::in_quotes(line.substr(0, line.find('?')));
        if (found.allowed.empty()) throw api_failure(api_errc::not_found, what + " is not known here");
        throw api_failure(api_errc::method_not_allowed, what + " takes only " + found.allowed);
    }
    const auto length = parser.content_length();
    if (length && *length > body_limit(*found.found))
        throw api_failure(api_errc::too_large,
                          "read the request: a body of " + std::to_string(*length) + " bytes, where at most " +
                              std::to_string(body_limit(*found.found)) + " are taken");
    understood what{found.found, {}};
    what.request.verb = verb;
    what.request.target = std::move(*target);
    what.request.arguments = std::move(found.arguments);
    what.request.until = deadline_of(parser, limits);
    what.request.brought_deadline = !field(parser, "Persiscsi-Deadline-Ms").empty();
    return what;
}

void take_body(understood& what, std::vector<std::byte>& body) {
    if (what.way->takes == body_kind::octets) {
        what.request.octets = std::move(body);
        return;
    }
    const auto wipe = [&body] {
        OPENSSL_cleanse(body.data(), body.size());
        body.clear();
    };
    try {
        if (what.way->takes != body_kind::none && !body.empty())
            what.request.body = parse_json({reinterpret_cast<const char*>(body.data()), body.size()});
    } catch (...) {
        wipe();
        throw;
    }
    wipe();
}

boost::asio::awaitable<api_reply> answer(service& in, understood& what) {
    const bool is_change = changes_something(what);
    auto reply = co_await outcome_of(in, what);
    if (is_change)
        in.audit.record(what.request.who,
                        std::string(what.way->verb) + " " + std::string(what.way->pattern),
                        reply.status,
                        reply.body);
    co_return reply;
}

api_reply failed_reply(const api_failure& failure) {
    api_reply reply;
    reply.status = row_of(failure.code()).status;
    reply.body = error_body(failure);
    return reply;
}

http::response<http::vector_body<std::byte>> message_of(api_reply reply, bool keep_alive) {
    http::response<http::vector_body<std::byte>> message(static_cast<http::status>(reply.status), 11);
    message.set("Persiscsi-Api", std::to_string(api_version));
    message.keep_alive(keep_alive);
    if (reply.is_octets) {
        message.set(http::field::content_type, {reply.octet_type.data(), reply.octet_type.size()});
        message.body() = std::move(reply.octets);
    } else {
        message.set(http::field::content_type, "application/json");
        const auto text = boost::json::serialize(reply.body) + "\n";
        const auto* bytes = reinterpret_cast<const std::byte*>(text.data());
        message.body().assign(bytes, bytes + text.size());
    }
    message.prepare_payload();
    return message;
}

}  // namespace persiscsi::daemon
