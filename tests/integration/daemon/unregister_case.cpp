// SPDX-License-Identifier: Apache-2.0
#include "tests/integration/daemon/unregister_case.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <csignal>

namespace persiscsi::testing {
namespace json = boost::json;

const json::object& unregister_answer::only() const {
    static const json::object none;
    EXPECT_EQ(results.size(), 1U) << out << err;
    return results.empty() ? none : results[0].as_object();
}

cli::program_result unregister::run(std::vector<std::string> arguments, cli::program_input input) const {
    arguments.insert(arguments.end(), {"--runtime-dir", daemon.run().native(), "--state-dir", daemon.state().native()});
    return cli::run_program(arguments, input);
}

unregister_answer unregister::change(std::vector<std::string> arguments, cli::program_input input) const {
    arguments.emplace_back("--json");
    const auto done = run(std::move(arguments), std::move(input));
    unregister_answer answer{.exit = done.exit, .out = done.out, .err = done.err};
    if (!done.out.empty()) answer.results = json::parse(done.out).at("results").as_array();
    return answer;
}

unregister_answer unregister::off(std::vector<std::string> operands, cli::program_input input) const {
    operands.insert(operands.begin(), {"session", "unregister"});
    return change(std::move(operands), std::move(input));
}

json::array unregister::list(const std::string& noun) const {
    const auto done = run({noun, "list", "--json"});
    EXPECT_EQ(done.exit, 0) << done.err;
    return done.exit == 0 ? json::parse(done.out).at(noun + "s").as_array() : json::array();
}

std::set<std::string> unregister::registered() const {
    std::set<std::string> ids;
    for (const auto& one : list("registration")) ids.insert(text_of(one, "id"));
    return ids;
}

json::object unregister::session(const std::string& id) {
    return daemon.ask("GET", "/v1/sessions/" + id).as_object();
}

std::string unregister::registration_of(const std::string& id) {
    return text_of(session(id), "registration_id");
}

void unregister::crash_and_start() {
    ASSERT_EQ(daemon.end(SIGKILL), 128 + SIGKILL);
    daemon.start();
}

void unregister::reboot() {
    ASSERT_EQ(daemon.end(SIGKILL), 128 + SIGKILL);
    daemon.reboot();
    daemon.start();
}

void unregister::wait_for_loss() {
    daemon.wait_until(
        [&] {
            return std::ranges::none_of(daemon.sessions(),
                                        [](const auto& one) { return text_of(one, "state") == "logged_in"; });
        },
        "the loss noticed");
}

void expect_result(const json::object& item,
                   std::string_view result,
                   std::string_view before,
                   std::string_view after,
                   bool still_connected) {
    ASSERT_FALSE(item.empty());
    for (const auto* field : {"id", "result", "before", "after", "session_still_connected", "returns_because"})
        ASSERT_TRUE(item.contains(field)) << field << " is missing in " << json::serialize(item);
    const auto said = [&](const char* field) {
        return item.at(field).is_string() ? text_of(item, field) : std::string();
    };
    EXPECT_EQ(said("result"), result) << json::serialize(item);
    EXPECT_EQ(said("before"), before) << json::serialize(item);
    EXPECT_EQ(said("after"), after) << json::serialize(item);
    EXPECT_EQ(item.at("session_still_connected"), json::value(still_connected)) << json::serialize(item);
}

}  // namespace persiscsi::testing
