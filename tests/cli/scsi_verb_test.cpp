// SPDX-License-Identifier: Apache-2.0
// persiscsi scsi against the scripted target in this process.
#include "tests/cli/program.hpp"
#include "tests/support/temporary_directory.hpp"
#include "tests/target/scripted_target.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

#include <cstring>
#include <thread>

namespace persiscsi::cli {
namespace {

using arguments = std::vector<std::string>;

constexpr char iqn[] = "iqn.2024-01.com.example:disk1";
constexpr std::size_t block_size = 512;
constexpr std::size_t blocks = 64;

target::server_options one_disk() {
    target::server_options options;
    options.targets.resize(1);
    options.targets[0].name = iqn;
    options.targets[0].luns.resize(1);
    options.targets[0].luns[0].blocks = blocks;
    return options;
}

class scsi_verb : public testing::Test {
  protected:
    scsi_verb() : thread_([this] { io_.run(); }) {}
    ~scsi_verb() override {
        EXPECT_EQ(target_.violations(), std::vector<std::string>{});
        target_.stop();
        work_.reset();
        thread_.join();
    }

    std::string url(const std::string& lun = "/0") const {
        return "iscsi://127.0.0.1:" + std::to_string(target_.port()) + "/" + iqn + lun;
    }
    program_result run(arguments line, program_input input = {}) {
        line.insert(line.begin(), "scsi");
        input.environment.emplace_back("PERSISCSI_STATE_DIR", directory_.path().string());
        return run_program(line, input);
    }
    std::string path(const std::string& name) const { return (directory_.path() / name).string(); }
    std::span<std::byte> disk() { return target_.store()->volume(iqn, 0, blocks * block_size); }

    temporary_directory directory_;
    boost::asio::io_context io_;
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{io_.get_executor()};
    target::scripted_target target_{io_, one_disk()};
    std::thread thread_;
};

TEST_F(scsi_verb, reads_and_shows_bytes_and_the_underflow) {
    const auto result = run({url(), "12 00 00 00 60 00", "--in", "96"});
    EXPECT_EQ(result.exit, 0) << result.err;
    EXPECT_EQ(result.err, "");
    EXPECT_TRUE(result.out.starts_with(
        "INQUIRY: GOOD\ndata in: 74 of 96 bytes, underflow: 22 bytes were not used\n00000000  00 00 06 12"))
        << result.out;
    EXPECT_NE(result.out.find("|RAM TARGET      |"), result.out.npos) << result.out;
}

TEST_F(scsi_verb, tells_the_overflow_exactly) {
    const auto result = run({url(), "28000000000000000200", "--in", "512", "--json"});
    EXPECT_EQ(result.exit, 0) << result.err;
    const auto in = boost::json::parse(result.out).at("data_in");
    EXPECT_EQ(in.at("requested"), 512);
    EXPECT_EQ(in.at("received"), 512);
    EXPECT_EQ(in.at("residual"), 512);
    EXPECT_EQ(in.at("overflow"), true);
    EXPECT_EQ(in.at("underflow"), false);
}

TEST_F(scsi_verb, writes_a_file_or_standard_input) {
    const std::string data(2 * block_size, 'w');
    const auto written = run({url(), "2a000000000300000200", "--out", directory_.file("data", data)});
    EXPECT_EQ(written.exit, 0) << written.err;
    EXPECT_EQ(written.out, "WRITE (10): GOOD\ndata out: 1024 bytes offered\n");
    EXPECT_EQ(std::memcmp(disk().data() + 3 * block_size, data.data(), data.size()), 0);
    const auto piped = run({url(), "2a", "00", "00", "00", "00", "00", "00", "00", "01", "00", "--out", "-"},
                           {.standard_input = std::string(block_size, 'p')});
    EXPECT_EQ(piped.exit, 0) << piped.err;
    EXPECT_EQ(disk()[0], std::byte{'p'});
}

TEST_F(scsi_verb, sends_cdbs_of_32_bytes) {
    disk()[2 * block_size] = std::byte{0x77};
    const auto result =
        run({url(), "7f00000000000018000900000000000000000002000000000000000000000001", "--in", "512", "--json"});
    EXPECT_EQ(result.exit, 0) << result.err;
    const auto document = boost::json::parse(result.out);
    EXPECT_EQ(document.at("command"), "READ (32)");
    EXPECT_EQ(document.at("data_in").at("received"), 512);
    EXPECT_TRUE(std::string(document.at("data_in").at("data").as_string()).starts_with("7700"));
    EXPECT_EQ(document.at("data_in").at("underflow"), false);
}

TEST_F(scsi_verb, goes_both_ways_with_a_residual_for_each) {
    disk()[0] = std::byte{0x0f};
    const auto file = directory_.file("data", std::string(520, '\x3c'));
    const auto result = run({url(), "53000000000000000100", "--out", file, "--in", "500", "--json"});
    EXPECT_EQ(result.exit, 0) << result.err;
    const auto document = boost::json::parse(result.out);
    EXPECT_EQ(document.at("command"), "XDWRITEREAD (10)");
    EXPECT_EQ(document.at("data_out").at("offered"), 520);
    EXPECT_EQ(document.at("data_out").at("residual"), 8);
    EXPECT_EQ(document.at("data_out").at("underflow"), true);
    EXPECT_EQ(document.at("data_in").at("received"), 500);
    EXPECT_EQ(document.at("data_in").at("residual"), 12);
    EXPECT_EQ(document.at("data_in").at("overflow"), true);
    EXPECT_TRUE(std::string(document.at("data_in").at("data").as_string()).starts_with("333c3c"));
    EXPECT_EQ(disk()[0], std::byte{0x3c});
}

TEST_F(scsi_verb, sends_the_longest_cdb) {
    const auto result = run({url(), "c0" + std::string(2 * 259, '0')});
    EXPECT_EQ(result.exit, 10);
    EXPECT_NE(result.out.find("invalid command operation code (20/00)"), result.out.npos) << result.out;
}

TEST_F(scsi_verb, puts_the_bytes_into_a_file_or_a_pipe_as_they_are) {
    disk()[0] = std::byte{0};
    disk()[511] = std::byte{0xff};
    const auto result = run({url(), "28000000000000000100", "--in", "512", "-o", path("block")});
    EXPECT_EQ(result.exit, 0) << result.err;
    EXPECT_EQ(result.out, "READ (10): GOOD\ndata in: 512 of 512 bytes\n");
    EXPECT_EQ(directory_.content("block"), std::string(511, '\0') + "\xff");
    const auto piped = run({url(), "28000000000000000100", "--in", "512", "-o", "-"});
    EXPECT_EQ(piped.out, std::string(511, '\0') + "\xff");
}

TEST_F(scsi_verb, status_and_sense_of_a_failure_are_results_and_exit_10) {
    const auto result = run({url(), "28000000004000000100", "--in", "512", "--output", path("none"), "--json"});
    EXPECT_EQ(result.exit, 10);
    const auto document = boost::json::parse(result.out);
    EXPECT_EQ(document.at("status"), 2);
    EXPECT_EQ(document.at("status_name"), "CHECK CONDITION");
    EXPECT_EQ(document.at("sense").at("asc"), 0x21);
    EXPECT_EQ(document.at("data_in").at("received"), 0);
    EXPECT_EQ(result.err,
              "persiscsi: scsi " + url() +
                  ": READ (10): CHECK CONDITION, ILLEGAL REQUEST, logical block address out of range (21/00)\n");
    EXPECT_FALSE(std::filesystem::exists(path("none")));
}

TEST_F(scsi_verb, takes_unit_attentions_of_the_new_session_away_unless_told_not_to) {
    EXPECT_EQ(run({url(), "000000000000"}).exit, 0);
    const auto kept = run({url(), "000000000000", "--keep-attentions"});
    EXPECT_EQ(kept.exit, 10);
    EXPECT_NE(kept.out.find("CHECK CONDITION, UNIT ATTENTION"), kept.out.npos) << kept.out;
}

TEST_F(scsi_verb, command_is_sent_once_whatever_comes) {
    target_.set_script(target::parse_fault_script("on scsi_command(1): status(busy)"));
    const auto result = run({url(), "000000000000", "--keep-attentions"});
    EXPECT_EQ(result.exit, 10);
    EXPECT_EQ(result.out, "TEST UNIT READY: BUSY\n");
    EXPECT_EQ(target_.counters().commands, 1U);
}

TEST_F(scsi_verb, dry_run_sends_nothing) {
    const auto result = run({url(), "04 00 00 00 00 00", "--dry-run"});
    EXPECT_EQ(result.exit, 0) << result.err;
    EXPECT_EQ(result.out, "would send FORMAT UNIT (040000000000) to " + url() + "\n");
    EXPECT_EQ(target_.counters().logins, 0U);
}

TEST_F(scsi_verb, usage_errors_say_what_is_wrong_before_a_login) {
    const auto refused = [&](const arguments& line, const std::string& reason) {
        const auto result = run(line);
        EXPECT_EQ(result.exit, 2);
        EXPECT_NE(result.err.find(reason), result.err.npos) << result.err;
        EXPECT_EQ(result.out, "");
    };
    refused({url(), "1200zz"}, "is no hexadecimal digit");
    refused({url(), "12000"}, "an odd number of hexadecimal digits (5)");
    refused({url(), "1200000060"}, "5 bytes; allowed are 6 to 260");
    refused({url(), "28000000000000000100aa"}, "11 bytes, but operation code 28h wants 10");
    refused({url()}, "URL CDB is missing");
    refused({url(""), "000000000000"}, "the LUN is missing");
    refused({url(), "000000000000", "--in", "0"}, "--in: \"0\" is not a number from 1 to 4294967295");
    refused({url(), "000000000000", "-o", path("x")}, "without --in");
    refused({url(), "000000000000", "--in", "1", "-o", "-", "--json"}, "cannot both go to standard output");
    refused({url(), "2a000000000000000100", "--out", path("missing")}, "No such file");
    refused({url(), "2a000000000000000100", "--out", "-", "--chap-user", "me", "--chap-secret-file", "-"},
            "standard input cannot be both");
    refused({"session:1/0", "000000000000"}, "not through a session of the daemon");
    EXPECT_EQ(target_.counters().logins, 0U);
}

TEST_F(scsi_verb, empty_input_is_not_sent) {
    const auto result = run({url(), "2a000000000000000100", "--out", directory_.file("empty", "")});
    EXPECT_EQ(result.exit, 2);
    EXPECT_NE(result.err.find("there are no bytes in it"), result.err.npos) << result.err;
    EXPECT_LE(target_.counters().commands, 0U);
}

TEST_F(scsi_verb, timeout_bounds_the_command) {
    target_.set_script(target::parse_fault_script("on scsi_command(1): ignore"));
    const auto result = run({url(), "000000000000", "--timeout", "0.5", "--keep-attentions"});
    EXPECT_EQ(result.exit, 11);
    EXPECT_NE(result.err.find("TEST UNIT READY"), result.err.npos) << result.err;
}

}  // namespace
}  // namespace persiscsi::cli
