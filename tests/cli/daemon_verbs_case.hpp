// SPDX-License-Identifier: Apache-2.0
// The program against canned answers of the control API.
#pragma once

#include "tests/cli/fake_daemon.hpp"
#include "tests/cli/program.hpp"
#include "tests/support/temporary_directory.hpp"

#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace persiscsi::cli {

using arguments = std::vector<std::string>;

inline constexpr char two_sessions[] =
    R"({"sessions":[{"id":"s1","target":"iqn.2024-01.com.example:a","portal":"192.0.2.7:3260","state":"logged_in",)"
    R"("registration_id":"reg-1"},{"id":"s2","target":"iqn.2024-01.com.example:b","portal":"[::1]:3260",)"
    R"("state":"reconnecting","registration_id":null}]})";

class daemon_verbs : public testing::Test {
  protected:
    program_result run(arguments line, program_input input = {}) {
        input.environment.emplace_back("PERSISCSI_RUNTIME_DIR", directory_.path().string());
        return run_program(line, input);
    }
    boost::json::object last_body() { return boost::json::parse(daemon_.last().body).as_object(); }

    temporary_directory directory_;
    fake_daemon daemon_{directory_.path()};
};

}  // namespace persiscsi::cli
