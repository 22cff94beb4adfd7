// SPDX-License-Identifier: Apache-2.0
// What the tests of the numbered cases of unregister share: the daemon, a target, and the command line as a process.
#pragma once

#include "tests/cli/program.hpp"
#include "tests/integration/daemon/daemon_under_test.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

namespace persiscsi::testing {

inline constexpr std::string_view disk1 = "iqn.2026-11.test:disk1";

/// What `session unregister --json` or one of its kind said.
struct unregister_answer {
    int exit = -1;
    boost::json::array results{};  // empty where standard output was
    std::string out{};
    std::string err{};

    [[nodiscard]] const boost::json::object& only() const;
};

class unregister : public ::testing::Test {
  protected:
    void SetUp() override { daemon.start(); }

    [[nodiscard]] cli::program_result run(std::vector<std::string> arguments, cli::program_input input = {}) const;
    /// A command that answers with "results"; --json is added.
    [[nodiscard]] unregister_answer change(std::vector<std::string> arguments, cli::program_input input = {}) const;
    /// session unregister.
    [[nodiscard]] unregister_answer off(std::vector<std::string> operands, cli::program_input input = {}) const;
    /// A list as --json prints it.
    [[nodiscard]] boost::json::array list(const std::string& noun) const;
    [[nodiscard]] std::set<std::string> registered() const;
    [[nodiscard]] boost::json::object session(const std::string& id);
    /// The registration that this session fulfils.
    [[nodiscard]] std::string registration_of(const std::string& id);

    void crash_and_start();
    void reboot();
    void wait_for_loss();

    running_target target;
    daemon_under_test daemon;
};

/// One result says so, and that its session is connected still or not.
void expect_result(const boost::json::object& item,
                   std::string_view result,
                   std::string_view before,
                   std::string_view after,
                   bool still_connected);

}  // namespace persiscsi::testing
