// SPDX-License-Identifier: Apache-2.0
#include "cli/doctor.hpp"

#include "tests/support/temporary_directory.hpp"

#include <boost/json/parse.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/stat.h>

namespace persiscsi::cli {
namespace {

namespace json = boost::json;
using testing::HasSubstr;

json::array list(const char* text) {
    return json::parse(text).as_array();
}

json::object object(const char* text) {
    return json::parse(text).as_object();
}

void expect(const checks& found, health result, const std::string& message) {
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].result, result) << found[0].message;
    EXPECT_THAT(found[0].message, HasSubstr(message));
}

constexpr char one_registration[] =
    R"([{"id":"reg-7","target":"iqn.a","portal":"h:3260","session_id":"s1","chap_secret":"array-7"}])";

TEST(doctor, compares_versions) {
    expect(check_versions({{"version", PERSISCSI_VERSION}}), health::ok, "are " PERSISCSI_VERSION);
    expect(check_versions({{"version", "9.9"}}), health::warning, "persiscsid 9.9: start the new one");
}

TEST(doctor, names_damaged_rows_and_their_cure) {
    expect(check_table(object(R"({"damaged_rows":[]})")), health::ok, "no damaged rows");
    const auto found = check_table(object(
        R"({"damaged_rows":[{"table":"registrations","id":"reg-7","reason":"checksum"},)"
        R"({"table":"secrets","id":"row 3","reason":"x"},{"table":"live_sessions","id":"row 4","reason":"x"}]})"));
    ASSERT_EQ(found.size(), 3U);
    for (const auto& one : found) EXPECT_EQ(one.result, health::problem);
    EXPECT_EQ(found[0].message,
              "reg-7 of registrations is damaged (checksum): nobody logs it in: remove it (persiscsi registration "
              "remove reg-7) and connect with --register");
    EXPECT_THAT(found[1].message, HasSubstr("set it again"));
    EXPECT_THAT(found[2].message, HasSubstr("forgotten at the next reboot"));
    expect(check_table({}), health::warning, "does not say");
}

TEST(doctor, says_why_a_registration_is_not_logged_in) {
    const auto registrations = list(one_registration);
    expect(check_registrations({}, {}), health::ok, "none");
    expect(check_registrations(registrations, list(R"([{"id":"s1","state":"logged_in"}])")),
           health::ok,
           "all logged in: 1");
    expect(check_registrations(registrations, list(R"([{"id":"s1","state":"reconnecting","last_error":"refused"}])")),
           health::warning,
           "reg-7 (iqn.a at h:3260) is reconnecting: refused");
    expect(check_registrations(registrations, list(R"([{"id":"s1","state":"failed","last_error":null}])")),
           health::problem,
           "is failed");
    expect(check_registrations(registrations, {}), health::warning, "is not kept by the daemon");
    expect(check_registrations(list(R"([{"id":"reg-7","target":"iqn.a","portal":"h:3260","session_id":null}])"), {}),
           health::warning,
           "reg-7 (iqn.a at h:3260) has no session");
}

TEST(doctor, finds_secrets_unused_and_missing) {
    expect(check_secrets({}, {}), health::ok, "none");
    expect(check_secrets(list(R"([{"name":"array-7","used_by":["reg-7"]}])"), list(one_registration)),
           health::ok,
           "each is used: 1 secret");
    expect(check_secrets(list(R"([{"name":"old","used_by":[]}])"), {}), health::warning, "secret remove old");
    expect(check_secrets({}, list(one_registration)), health::problem, "array-7 is missing, and reg-7");
}

TEST(doctor, judges_the_clock) {
    expect(check_clock("2026-11-25T00:00:00Z", "2026-11-24T00:00:00Z"), health::ok, "2026-11-25");
    expect(check_clock("2026-11-25T00:00:00Z", "2026-11-26T00:00:00Z"), health::warning, "went back");
    expect(check_clock("1970-01-01T00:00:05Z", ""), health::problem, "set the clock");
    EXPECT_EQ(time_now().size(), 20U);
    EXPECT_EQ(time_now().back(), 'Z');
}

TEST(doctor, looks_at_the_state_directory) {
    const temporary_directory directory;
    const auto found = check_state_dir(directory.path(), true);
    ASSERT_EQ(found.size(), 2U);
    EXPECT_EQ(found[0].result, health::ok) << found[0].message;
    EXPECT_EQ(found[1].name, "space");
    EXPECT_THAT(found[1].message, HasSubstr(" MiB free for "));
    ::chmod(directory.path().c_str(), 0755);
    EXPECT_EQ(check_state_dir(directory.path(), true).at(0).result, health::warning);
    expect(check_state_dir(directory.path() / "none", false), health::ok, "not there yet");
    expect(check_state_dir(directory.path() / "none", true), health::problem, "the daemon has it open");
    expect(check_state_dir(directory.file("file", ""), true), health::problem, "is not a directory");
}

TEST(doctor, looks_at_the_key_file) {
    const temporary_directory directory;
    expect(check_key_file(directory.path(), 0), health::ok, "none yet");
    expect(check_key_file(directory.path(), 2), health::problem, "2 secret(s) cannot be opened");
    directory.file("secrets.key", "x", 0600);
    expect(check_key_file(directory.path(), 2), health::ok, "has mode 0600");
    directory.file("secrets.key", "x", 0640);
    expect(check_key_file(directory.path(), 2), health::problem, "has mode 0640");
}

TEST(doctor, knows_who_starts_the_daemon) {
    const temporary_directory directory;
    const auto on = directory.path() / "etc";
    expect(check_boot(on, directory.path() / "none", 2, 1), health::ok, "no systemd here");
    expect(check_boot(on, directory.path(), 0, 0), health::ok, "systemctl enable persiscsid");
    expect(check_boot(on, directory.path(), 2, 1), health::warning, "1 session(s) do not: persiscsi session register");
    std::filesystem::create_directories(on / "multi-user.target.wants");
    std::filesystem::create_symlink("elsewhere", on / "multi-user.target.wants" / "persiscsid.service");
    expect(check_boot(on, directory.path(), 2, 0), health::ok, "systemd starts persiscsid");
}

}  // namespace
}  // namespace persiscsi::cli
