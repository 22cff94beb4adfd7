// SPDX-License-Identifier: Apache-2.0
// doctor.
#include "cli/command_error.hpp"
#include "cli/console.hpp"
#include "cli/daemon_link.hpp"
#include "cli/doctor.hpp"
#include "cli/invocation.hpp"
#include "cli/printable.hpp"
#include "cli/verbs.hpp"

#include <algorithm>
#include <iterator>

namespace persiscsi::cli {
namespace {

namespace json = boost::json;

constexpr const char* etc_systemd = "/etc/systemd/system";
constexpr const char* run_systemd = "/run/systemd/system";

void append(checks& to, checks more) {
    std::ranges::move(more, std::back_inserter(to));
}

std::uint64_t count_in(const json::object& status, const char* member) {
    const auto* value = status.if_contains(member);
    const auto* count = value != nullptr ? value->if_int64() : nullptr;
    return count != nullptr && *count > 0 ? static_cast<std::uint64_t>(*count) : 0;
}

/// The list of that name; a failure to get it is a problem among `found`, and the list is empty.
json::array list_of(daemon_link& daemon, const char* name, checks& found) {
    try {
        return list_in(daemon.get(std::string("/v1/") + name), name);
    } catch (const command_error& error) {
        found.push_back({name, health::problem, error.what()});
        return {};
    }
}

checks checks_of_daemon(daemon_link& daemon, const json::object& status) {
    checks found{
        {"daemon",
         health::ok,
         "persiscsid answers, since " + text_in(status, "started_at") + ", as " + text_in(status, "initiator_name")}};
    append(found, check_versions(status));
    append(found, check_table(status));
    const auto sessions = list_of(daemon, "sessions", found);
    const auto registrations = list_of(daemon, "registrations", found);
    const auto secrets = list_of(daemon, "secrets", found);
    append(found, check_registrations(registrations, sessions));
    append(found, check_secrets(secrets, registrations));
    append(found,
           check_boot(
               etc_systemd, run_systemd, count_in(status, "registrations"), count_in(status, "unregistered_sessions")));
    return found;
}

checks checks_of_host(const std::filesystem::path& state_dir, const json::object& status) {
    auto found = check_state_dir(state_dir, !status.empty());
    append(found, check_key_file(state_dir, count_in(status, "secrets")));
    append(found, check_boot_id(text_in(status, "boot_id")));
    append(found, check_clock(time_now(), text_in(status, "started_at")));
    return found;
}

void report(const checks& found, console& out) {
    json::array list;
    std::string lines;
    for (const auto& one : found) {
        list.push_back(json::object{{"name", one.name}, {"result", to_string(one.result)}, {"message", one.message}});
        if (one.result != health::ok || !out.quiet())
            lines += std::string(to_string(one.result)) + ": " + one.name + ": " + printable(one.message, 4096) + "\n";
    }
    out.show(json::object{{"checks", std::move(list)}}, lines);
}

}  // namespace

exit_code doctor(invocation& line, console& out) {
    checks found;
    json::object status;
    auto code = exit_code::ok;
    try {
        daemon_link daemon(line, out, std::chrono::seconds(10));
        status = daemon.get("/v1/status");
        found = checks_of_daemon(daemon, status);
    } catch (const command_error& error) {
        found.push_back({"daemon", health::problem, error.what()});
        code = error.code();
    }
    const auto of_daemon = text_in(status, "state_dir");
    append(found, checks_of_host(of_daemon.empty() ? line.state_dir() : std::filesystem::path(of_daemon), status));
    report(found, out);
    if (code != exit_code::ok) return code;
    return std::ranges::find(found, health::problem, &check::result) == found.end() ? exit_code::ok
                                                                                    : exit_code::some_failed;
}

}  // namespace persiscsi::cli
