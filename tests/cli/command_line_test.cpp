// SPDX-License-Identifier: Apache-2.0
#include "cli/command_line.hpp"

#include "cli/command_error.hpp"
#include "cli/commands.hpp"
#include "cli/login_choice.hpp"
#include "tests/support/temporary_directory.hpp"

#include <boost/json/serialize.hpp>
#include <gtest/gtest.h>

namespace persiscsi::cli {
namespace {

using arguments = std::vector<std::string>;

constexpr char url[] = "iscsi://h/iqn.2024-01.com.example:a/0";

invocation parsed(arguments line) {
    return std::get<invocation>(parse_command_line(std::move(line)));
}

std::string complaint_about(arguments line) {
    try {
        static_cast<void>(parse_command_line(std::move(line)));
    } catch (const command_error& error) {
        EXPECT_EQ(error.code(), exit_code::usage);
        return error.what();
    }
    return "accepted";
}

std::string login_complaint(arguments options) {
    options.insert(options.begin(), {"capacity", url});
    try {
        auto line = parsed(options);
        static_cast<void>(session_options_of(login_choice_of(line, ""), line, {}));
    } catch (const command_error& error) {
        return error.what();
    }
    return "accepted";
}

TEST(command_line, finds_the_command_by_noun_and_verb) {
    EXPECT_EQ(parsed({"session", "list"}).command->name(), "session list");
    EXPECT_EQ(parsed({"capacity", url}).command->name(), "capacity");
    EXPECT_EQ(complaint_about({}), "no such command; see persiscsi --help");
    EXPECT_EQ(complaint_about({"frobnicate"}), "no such command; see persiscsi --help");
    EXPECT_EQ(complaint_about({"session"}), "no such command of session; see persiscsi session --help");
    EXPECT_EQ(complaint_about({"session", "frobnicate"}), "no such command of session; see persiscsi session --help");
}

TEST(command_line, takes_global_options_on_both_sides_of_the_verb) {
    for (const arguments& line : {arguments{"--json", "--timeout", "5", "session", "list"},
                                  arguments{"session", "--json", "list", "--timeout", "5"},
                                  arguments{"session", "list", "--timeout=5", "--json"}}) {
        const auto found = parsed(line);
        EXPECT_TRUE(found.given("--json"));
        EXPECT_EQ(found.timeout(), std::chrono::seconds(5));
    }
}

TEST(command_line, keeps_operands_as_they_are_even_when_they_look_like_commands) {
    EXPECT_EQ(parsed({"session", "unregister", "list", "*", "", "-"}).operands, (arguments{"list", "*", "", "-"}));
    EXPECT_EQ(parsed({"discover", "[::1]"}).operands, arguments{"[::1]"});
    EXPECT_EQ(parsed({"secret", "remove", "--", "--odd"}).operands, arguments{"--odd"});
}

TEST(command_line, keeps_option_values_as_they_are) {
    const auto line = parsed({"read", url, "--lba", "-5", "-o", "-", "--param", "A=[1,2]", "--param", "B="});
    EXPECT_EQ(line.text("--lba"), "-5");
    EXPECT_EQ(line.text("--output"), "-");
    EXPECT_EQ(line.all("--param"), (arguments{"A=[1,2]", "B="}));
    EXPECT_EQ(line.operands, arguments{url});
    EXPECT_EQ(parsed({"target", "connect", "--owner", "", url}).text("--owner"), "");
}

TEST(command_line, refuses_what_lacks_or_is_too_much) {
    EXPECT_EQ(complaint_about({"write", url}), "--lba is required; see persiscsi write --help");
    EXPECT_EQ(complaint_about({"capacity"}), "URL is missing; see persiscsi capacity --help");
    for (const arguments& line : {arguments{"capacity", url, "two"},
                                  arguments{"capacity", url, "--frobnicate"},
                                  arguments{"capacity", url, "--chap-user", "a", "--chap-user", "b"},
                                  arguments{"capacity", url, "--chap-user"},
                                  arguments{"status", "what"}})
        EXPECT_NE(complaint_about(line), "accepted") << line.back();
}

TEST(command_line, does_not_repeat_a_word_too_many) {
    const auto complaint = complaint_about({"capacity", url, "hunter2"});
    EXPECT_EQ(complaint.find("hunter2"), complaint.npos) << complaint;
    const auto unknown = complaint_about({"capacity", url, "--password=hunter2"});
    EXPECT_EQ(unknown.find("hunter2"), unknown.npos) << unknown;
}

TEST(command_line, timeout_is_a_number_of_seconds) {
    EXPECT_EQ(parsed({"status", "--timeout", "0.5"}).timeout(), std::chrono::milliseconds(500));
    EXPECT_FALSE(parsed({"status"}).timeout());
    for (const std::string wrong : {"0", "-1", "", "x", "5s", "nan", "inf", "1e9", "1000001"})
        EXPECT_THROW(static_cast<void>(parsed({"status", "--timeout", wrong}).timeout()), command_error) << wrong;
}

TEST(command_line, numbers_are_decimal_or_hexadecimal_and_in_their_range) {
    EXPECT_EQ(parsed({"read", url, "--lba", "0x10"}).number("--lba", 0, 99), 16U);
    EXPECT_EQ(parsed({"read", url, "--lba", "18446744073709551615"}).number("--lba", 0, ~std::uint64_t{0}),
              ~std::uint64_t{0});
    for (const std::string wrong : {"", "-1", "1k", "0x", "18446744073709551616", "+1", " 1", "100"})
        EXPECT_THROW(static_cast<void>(parsed({"read", url, "--lba", wrong}).number("--lba", 0, 99)), command_error)
            << wrong;
}

TEST(command_line, standard_input_has_one_purpose) {
    auto line = parsed({"status"});
    line.claim_standard_input("the data");
    EXPECT_THROW(line.claim_standard_input("--secret-file"), command_error);
}

TEST(login_options, that_contradict_each_other_or_come_later_are_refused) {
    const temporary_directory directory;
    const auto secret = directory.file("secret", "hunter2-hunter2\n");
    const auto other = directory.file("other", "other-other-other\n");
    EXPECT_EQ(login_complaint({}), "accepted");
    EXPECT_EQ(login_complaint({"--chap-user", "u", "--chap-secret-file", secret}), "accepted");
    EXPECT_EQ(login_complaint({"--chap-user", "u"}), "CHAP name \"u\" needs --chap-secret-file");
    EXPECT_EQ(login_complaint({"--chap-secret-file", secret}), "--chap-secret-file needs --chap-user");
    EXPECT_EQ(login_complaint({"--mutual-user", "t", "--mutual-secret-file", other}),
              "--mutual-user needs --chap-user");
    EXPECT_EQ(
        login_complaint(
            {"--chap-user", "u", "--chap-secret-file", secret, "--mutual-user", "t", "--mutual-secret-file", other}),
        "accepted");
    EXPECT_NE(
        login_complaint(
            {"--chap-user", "u", "--chap-secret-file", secret, "--mutual-user", "t", "--mutual-secret-file", secret}),
        "accepted");
    EXPECT_EQ(login_complaint({"--connections", "8", "--erl", "2"}), "accepted");
    EXPECT_NE(login_complaint({"--connections", "0"}), "accepted");
    EXPECT_NE(login_complaint({"--erl", "3"}), "accepted");
    EXPECT_EQ(login_complaint({"--erl", "1", "--param", "ErrorRecoveryLevel=2"}),
              "--erl: --param ErrorRecoveryLevel says it too");
    EXPECT_EQ(login_complaint({"--sessions", "2"}), "--sessions: a direct command uses 1 session");
    EXPECT_EQ(login_complaint({"--header-digest", "md5"}), "--header-digest: \"md5\" is not none, crc32c or prefer");
    EXPECT_NE(login_complaint({"--initiator-name", "me"}), "accepted");
    EXPECT_NE(login_complaint({"--interface", "no-such-interface"}), "accepted");
    EXPECT_EQ(login_complaint({"--interface", "127.0.0.1"}), "accepted");
    EXPECT_EQ(login_complaint({"--interface", "lo"}), "accepted");
    EXPECT_NE(login_complaint({"--recovery", "0"}), "accepted");
}

TEST(login_options, parameters_are_checked) {
    EXPECT_EQ(login_complaint({"--param", "MaxBurstLength=65536"}), "accepted");
    EXPECT_EQ(login_complaint({"--param", "CHAP_A=7,5"}), "accepted");
    for (const std::string wrong : {"A",
                                    "=1",
                                    "A=",
                                    "A B=1",
                                    "CHAP_R=0x00",
                                    "AuthMethod=None",
                                    "InitiatorName=iqn.x",
                                    "CHAP_A=",
                                    "CHAP_A=9",
                                    "CHAP_A=5,5",
                                    "CHAP_A=5,",
                                    "X=a\nb"})
        EXPECT_NE(login_complaint({"--param", wrong}), "accepted") << wrong;
    EXPECT_EQ(login_complaint({"--param", "A=1", "--param", "A=2"}), "--param: A is given twice");
}

TEST(login_options, become_what_a_login_of_our_own_needs) {
    const temporary_directory directory;
    const auto secret = directory.file("secret", "hunter2-hunter2\n");
    auto line = parsed({"capacity",
                        url,
                        "--chap-secret-file",
                        secret,
                        "--header-digest",
                        "crc32c",
                        "--data-digest",
                        "prefer",
                        "--recovery",
                        "at-once",
                        "--param",
                        "CHAP_A=5",
                        "--param",
                        "X-a=1",
                        "--state-dir",
                        directory.path().string()});
    directory.file("initiator.name", "iqn.2026-11.org.persiscsi:of-the-daemon\n");
    const auto options = session_options_of(login_choice_of(line, "from-url"), line, {"h", 3260});
    EXPECT_EQ(options.login.chap->name, "from-url");
    EXPECT_EQ(options.login.chap->secret.reveal(), "hunter2-hunter2");
    EXPECT_EQ(options.login.header_digest, digest_wish::crc32c);
    EXPECT_EQ(options.login.data_digest, digest_wish::prefer);
    EXPECT_EQ(options.login.chap_algorithms, std::vector{chap_algorithm::md5});
    EXPECT_EQ(options.login.parameters, (pdu::text_keys{{"X-a", "1"}}));
    EXPECT_EQ(options.login.initiator_name, "iqn.2026-11.org.persiscsi:of-the-daemon");
    EXPECT_TRUE(std::holds_alternative<fail_at_once>(options.recovery));
    EXPECT_EQ(static_cast<std::uint64_t>(options.login.isid) >> 40U, 0x80U);  // RFC 7143 §11.12.5: T = 10b
    const auto again = session_options_of(login_choice_of(line, "from-url"), line, {"h", 3260});
    EXPECT_NE(options.login.isid, again.login.isid);
}

TEST(login_options, without_a_daemon_give_this_host_one_name) {
    const temporary_directory directory;
    auto line = parsed({"capacity", url, "--state-dir", directory.path().string()});
    const auto options = session_options_of(login_choice_of(line, ""), line, {"h", 3260});
    EXPECT_TRUE(options.login.initiator_name.starts_with("iqn.2026-11.org.persiscsi:"));
    EXPECT_EQ(options.login.initiator_name,
              session_options_of(login_choice_of(line, ""), line, {"h", 3260}).login.initiator_name);
}

TEST(login_options, of_tls_reach_the_session) {
    auto line = parsed({"capacity",
                        url,
                        "--tls",
                        "--tls-ca",
                        "ca.pem",
                        "--tls-cert",
                        "our.pem",
                        "--tls-key",
                        "our.key",
                        "--tls-server-name",
                        "disk.example"});
    const auto options = session_options_of(login_choice_of(line, ""), line, {"h", 3260});
    EXPECT_EQ(options.tls,
              (tls_options{.enabled = true,
                           .verify = true,
                           .ca = "ca.pem",
                           .certificate = "our.pem",
                           .key = "our.key",
                           .server_name = "disk.example"}));
    auto plain = parsed({"capacity", url});
    EXPECT_EQ(session_options_of(login_choice_of(plain, ""), plain, {"h", 3260}).tls, tls_options{});
    auto careless = parsed({"capacity", url, "--tls", "--tls-insecure"});
    EXPECT_FALSE(session_options_of(login_choice_of(careless, ""), careless, {"h", 3260}).tls.verify);
}

TEST(login_options, of_tls_that_make_no_sense_are_refused) {
    EXPECT_EQ(login_complaint({"--tls-ca", "ca.pem"}), "--tls-ca needs --tls");
    EXPECT_EQ(login_complaint({"--tls-insecure"}), "--tls-insecure needs --tls");
    EXPECT_EQ(login_complaint({"--tls", "--tls-cert", "our.pem"}), "--tls-cert and --tls-key belong together");
    EXPECT_EQ(login_complaint({"--tls", "--tls-insecure", "--tls-ca", "ca.pem"}),
              "--tls-ca does not go with --tls-insecure");
    EXPECT_EQ(login_complaint({"--tls", "--tls-server-name", ""}), "--tls-server-name: is empty");
}

}  // namespace
}  // namespace persiscsi::cli
