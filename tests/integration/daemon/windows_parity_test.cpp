// SPDX-License-Identifier: Apache-2.0
// What the cmdlets of Windows' iSCSI module take and show, by our command line. docs/windows-parity.md links here.
#include "tests/integration/daemon/unregister_case.hpp"

#include <boost/json/parse.hpp>
#include <gmock/gmock.h>

namespace persiscsi::testing {
namespace {

namespace json = boost::json;

class windows_parity : public unregister {
  protected:
    [[nodiscard]] std::string secret_file(const std::string& name, std::string_view secret) const {
        const auto file = daemon.directory() / name;
        write_content(file, secret);
        std::filesystem::permissions(file, std::filesystem::perms(0600));
        return file.native();
    }
    [[nodiscard]] std::string url(const std::string& disk) const {
        return "iscsi://" + target.portal() + "/iqn.2026-11.test:" + disk;
    }
    json::object document(std::vector<std::string> command, cli::program_input input = {}) const {
        command.emplace_back("--json");
        const auto done = run(std::move(command), std::move(input));
        EXPECT_EQ(done.exit, 0) << done.err;
        return done.exit == 0 ? json::parse(done.out).as_object() : json::object();
    }
};

void expect_fields(const json::object& object, const json::object& expected) {
    for (const auto& [name, value] : expected) {
        ASSERT_TRUE(object.contains(name)) << name;
        EXPECT_EQ(object.at(name), value) << name;
    }
}

TEST_F(windows_parity, a_portal_keeps_what_it_was_added_with_and_shows_it) {
    auto options = disks();
    options.discovery_chap = target::chap_options{.user = "someone", .secret = secret(chap_secret)};
    const running_target asked(std::move(options));
    const auto ours = secret_file("secret", chap_secret);
    const auto added = document({"portal",
                                 "add",
                                 asked.portal(),
                                 "--initiator-name",
                                 "iqn.2026-11.t:me",
                                 "--interface",
                                 "127.0.0.1",
                                 "--header-digest",
                                 "crc32c",
                                 "--data-digest",
                                 "none",
                                 "--chap-user",
                                 "someone",
                                 "--chap-secret-file",
                                 ours});
    EXPECT_EQ(added.at("targets").as_array().size(), 4U) << "asked at once";
    expect_fields(list("portal").at(0).as_object(),
                  {{"target_portal_address", "127.0.0.1"},
                   {"target_portal_port_number", asked.port()},
                   {"initiator_name", "iqn.2026-11.t:me"},
                   {"initiator_portal_address", "127.0.0.1"},
                   {"is_header_digest", true},
                   {"is_data_digest", false}});
}

TEST_F(windows_parity, portals_are_refreshed_and_removed_by_name_or_by_pipe) {
    (void)document({"portal", "add", target.portal()});
    const auto listed = run({"portal", "list", "--json"}).out;
    for (const auto* verb : {"refresh", "remove"}) {
        const auto results = document({"portal", verb, target.portal(), "--dry-run"}).at("results").as_array();
        EXPECT_EQ(text_of(results.at(0), "portal"), target.portal());
        EXPECT_EQ(list("portal").size(), 1U);
    }
    EXPECT_EQ(document({"portal", "refresh", "-"}, {.standard_input = listed}).at("results").at(0).at("places"), 4);
    (void)document({"portal", "remove", "-", "--yes"}, {.standard_input = listed});
    EXPECT_TRUE(list("portal").empty());
}

TEST_F(windows_parity, a_target_shows_its_properties_and_is_found_by_name_or_session) {
    (void)document({"portal", "add", target.portal()});
    (void)daemon.connect(target, "disk1", false);
    EXPECT_EQ(list("target").size(), 4U);
    const auto sessions = run({"session", "list", "--json"}).out;
    for (const auto& found : {document({"target", "list", std::string(disk1)}),
                              document({"target", "list", "-"}, {.standard_input = sessions})}) {
        ASSERT_EQ(found.at("targets").as_array().size(), 1U);
        expect_fields(found.at("targets").at(0).as_object(), {{"node_address", disk1}, {"is_connected", true}});
        EXPECT_EQ(found.at("targets").at(0).at("portals").at(0).at("discovered_by").at(0),
                  json::value(target.portal()));
    }
    for (const auto& done : {document({"target", "refresh", std::string(disk1)}),
                             document({"target", "refresh", "-"}, {.standard_input = sessions})})
        EXPECT_EQ(text_of(done.at("results").at(0), "result"), "refreshed");
}

TEST_F(windows_parity, a_connect_takes_every_choice_and_the_session_shows_it) {
    (void)daemon.connect(target, "locked", false);
    const auto connected = document({"target",
                                     "connect",
                                     url("locked"),
                                     "--another",
                                     "--register",
                                     "--initiator-name",
                                     "iqn.2026-11.t:me",
                                     "--interface",
                                     "127.0.0.1",
                                     "--header-digest",
                                     "crc32c",
                                     "--data-digest",
                                     "crc32c",
                                     "--chap-user",
                                     "someone",
                                     "--chap-secret-file",
                                     secret_file("ours", chap_secret),
                                     "--mutual-user",
                                     "target",
                                     "--mutual-secret-file",
                                     secret_file("theirs", mutual_secret)});
    expect_fields(connected.at("sessions").at(0).as_object(),
                  {{"authentication_type", "MUTUALCHAP"},
                   {"initiator_node_address", "iqn.2026-11.t:me"},
                   {"initiator_portal_address", "127.0.0.1"},
                   {"is_connected", true},
                   {"is_data_digest", true},
                   {"is_header_digest", true},
                   {"is_persistent", true},
                   {"target_node_address", "iqn.2026-11.test:locked"}});
    EXPECT_EQ(list("session").size(), 2U);
}

TEST_F(windows_parity, a_connection_shows_its_properties_and_is_found_by_its_relations) {
    const auto id = daemon.connect(target, "disk1", false).at(0);
    (void)daemon.connect(target, "disk2", false);
    for (const auto& filter :
         {std::pair<std::string, std::string>{"--session", id}, {"--target", std::string(disk1)}}) {
        const auto found = document({"connection", "list", filter.first, filter.second}).at("connections").as_array();
        ASSERT_EQ(found.size(), 1U) << filter.first;
        EXPECT_EQ(text_of(found.at(0), "id"), id + ":0");
        EXPECT_EQ(text_of(found.at(0), "remote_address"), target.portal());
        EXPECT_THAT(text_of(found.at(0), "local_address"), ::testing::MatchesRegex("127\\.0\\.0\\.1:[0-9]+"));
    }
    EXPECT_EQ(document({"connection", "list", "--address", target.portal()}).at("connections").as_array().size(), 2U);
    EXPECT_EQ(run({"session", "list", id, "--quiet"}).out, id + "\n");
    const auto isid = text_of(session(id), "isid").substr(2);
    EXPECT_EQ(run({"session", "list", "--isid", isid, "--quiet"}).out, id + "\n");
    const auto tsih = std::to_string(session(id).at("tsih").as_int64());
    EXPECT_EQ(run({"session", "list", "--tsih", tsih, "--target", std::string(disk1), "--quiet"}).out, id + "\n");
}

TEST_F(windows_parity, a_disconnect_is_rehearsed_then_done_by_id_target_or_pipe) {
    const auto id = daemon.connect(target, "disk1", false).at(0);
    EXPECT_EQ(change({"target", "disconnect", id, "--dry-run"}).exit, 0);
    EXPECT_EQ(list("session").size(), 1U);
    EXPECT_EQ(change({"target", "disconnect", id, "--yes"}).exit, 0);
    (void)daemon.connect(target, "disk1", false);
    EXPECT_EQ(change({"target", "disconnect", "--target", std::string(disk1)}).exit, 0);
    (void)daemon.connect(target, "disk1", false);
    const auto sessions = run({"session", "list", "--json"}).out;
    EXPECT_EQ(change({"target", "disconnect", "-"}, {.standard_input = sessions}).exit, 0);
    EXPECT_TRUE(list("session").empty());
}

TEST_F(windows_parity, sessions_are_registered_by_id_or_pipe) {
    (void)daemon.connect(target, "disk1", false);
    const auto sessions = run({"session", "list", "--json"}).out;
    EXPECT_EQ(text_of(change({"session", "register", "-"}, {.standard_input = sessions}).only(), "result"),
              "registered");
    EXPECT_EQ(registered().size(), 1U);
}

TEST_F(windows_parity, the_secret_of_this_host_is_set_once_and_targets_prove_it) {
    (void)document({"chap", "set", "--user", "target", "--secret-file", secret_file("host", mutual_secret)});
    const auto connected = document({"target",
                                     "connect",
                                     url("locked"),
                                     "--mutual",
                                     "--chap-user",
                                     "someone",
                                     "--chap-secret-file",
                                     secret_file("ours", chap_secret)});
    EXPECT_EQ(text_of(connected.at("sessions").at(0), "authentication_type"), "MUTUALCHAP");
}

TEST_F(windows_parity, verbose_and_debug_speak_on_standard_error_only) {
    const auto plain = run({"session", "list"});
    EXPECT_EQ(plain.err, "");
    for (const auto* how : {"--verbose", "--debug"}) {
        const auto done = run({"session", "list", how});
        EXPECT_EQ(done.out, plain.out);
        EXPECT_NE(done.err, "") << how;
    }
}

}  // namespace
}  // namespace persiscsi::testing
