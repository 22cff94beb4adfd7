// SPDX-License-Identifier: Apache-2.0
#include "daemon/login_translation.hpp"

#include "daemon/api_failure.hpp"
#include "tests/support/certificates.hpp"
#include "tests/support/temporary_directory.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sys/stat.h>
#include <unistd.h>

namespace persiscsi::daemon {
namespace {

persistence::login_record good() {
    persistence::login_record login;
    login.target = "iqn.2024-01.org:a";
    login.portal_host = "192.0.2.7";
    login.portal_port = 3261;
    login.initiator_name = "iqn.2024-01.org:me";
    login.isid = 0x80'1234'5678'9aU;
    return login;
}

std::string refusal_of(const persistence::login_record& login) {
    try {
        check_login(login);
    } catch (const api_failure& failure) {
        EXPECT_EQ(failure.code(), api_errc::bad_request);
        return failure.what();
    }
    return {};
}

TEST(login_translation, carries_every_wish_over) {
    auto login = good();
    login.interface_address = "192.0.2.1";
    login.header_digest = persistence::digest_wish::crc32c;
    login.data_digest = persistence::digest_wish::prefer;
    login.recovery = {persistence::recovery_policy::fail_after, std::chrono::seconds(7)};
    login.parameters = {{"MaxBurstLength", "65536"}, {"CHAP_A", "7,5"}};
    login.tls = {true, true, "/ca.pem", "/me.pem", "/me.key", "disk.example"};
    check_login(login);
    login_secrets secrets;
    secrets.chap = persistence::stored_secret{"user", secret("one")};
    secrets.mutual = persistence::stored_secret{"target", secret("two")};
    const auto options = options_of(login, secrets);
    EXPECT_EQ(options.portal, (portal{"192.0.2.7", 3261}));
    EXPECT_EQ(options.local_address, "192.0.2.1");
    EXPECT_EQ(std::get<fail_after>(options.recovery).limit, std::chrono::seconds(7));
    EXPECT_EQ(options.tls, (tls_options{true, true, "/ca.pem", "/me.pem", "/me.key", "disk.example"}));
    EXPECT_EQ(options.login.target_name, login.target);
    EXPECT_EQ(options.login.initiator_name, login.initiator_name);
    EXPECT_EQ(options.login.isid, pdu::isid{login.isid});
    EXPECT_EQ(options.login.header_digest, digest_wish::crc32c);
    EXPECT_EQ(options.login.data_digest, digest_wish::prefer);
    EXPECT_EQ(options.login.chap->name, "user");
    EXPECT_EQ(options.login.chap->secret.reveal(), "one");
    EXPECT_EQ(options.login.mutual_chap->secret.reveal(), "two");
    EXPECT_EQ(options.login.chap_algorithms, (std::vector{chap_algorithm::sha256, chap_algorithm::md5}));
    EXPECT_EQ(options.login.parameters, (pdu::text_keys{{"MaxBurstLength", "65536"}}));
}

TEST(login_translation, without_chap_a_the_order_is_the_initiators_own) {
    EXPECT_EQ(options_of(good(), {}).login.chap_algorithms, login_options().chap_algorithms);
    EXPECT_FALSE(options_of(good(), {}).login.chap);
}

TEST(login_check, refuses_lists_of_algorithms_that_make_no_sense) {
    for (const auto* list : {"", "5,", ",5", "5,5", "9", "05", "MD5", "5 6"}) {
        auto login = good();
        login.parameters = {{"CHAP_A", list}};
        EXPECT_FALSE(refusal_of(login).empty()) << list;
    }
}

TEST(login_check, refuses_keys_the_login_sets_itself) {
    for (const auto* key : {"InitiatorName",
                            "TargetName",
                            "AuthMethod",
                            "CHAP_R",
                            "HeaderDigest",
                            "SessionType",
                            "bad key",
                            "",
                            "MaxConnections"}) {
        auto login = good();
        login.parameters = {{key, "1"}};
        EXPECT_FALSE(refusal_of(login).empty()) << key;
    }
    auto login = good();
    login.parameters = {{"X-org.example.key", std::string(256, 'a')}};
    EXPECT_FALSE(refusal_of(login).empty());
    login.parameters = {{"ErrorRecoveryLevel", "2"}, {"MaxOutstandingR2T", "1"}};
    EXPECT_EQ(refusal_of(login), "");
}

TEST(login_check, names_what_is_not_supported) {
    auto login = good();
    EXPECT_EQ(refusal_of(login), "");
    login.connections = 0;
    EXPECT_NE(refusal_of(login).find("one connection"), std::string::npos);
    login = good();
    login.mutual_secret = "two";
    EXPECT_NE(refusal_of(login).find("mutual"), std::string::npos);
    login = good();
    login.interface_address = "eth0";
    EXPECT_NE(refusal_of(login).find("eth0"), std::string::npos);
    login = good();
    login.target = "disk1";
    EXPECT_NE(refusal_of(login).find("iSCSI name"), std::string::npos);
}

TEST(login_check, refuses_tls_that_contradicts_itself_or_names_files_relatively) {
    const struct {
        persistence::tls_wish tls;
        std::string_view about;
    } rows[] = {
        {{.ca = "/ca.pem"}, "options of TLS without TLS"},
        {{.verify = false}, "options of TLS without TLS"},
        {{.enabled = true, .certificate = "/me.pem"}, "belong together"},
        {{.enabled = true, .key = "/me.key"}, "belong together"},
        {{.enabled = true, .verify = false, .ca = "/ca.pem"}, "nothing is verified"},
        {{.enabled = true, .ca = "ca.pem"}, "the path \"ca.pem\" of a TLS file is not absolute"},
        {{.enabled = true, .certificate = "/me.pem", .key = "me.key"}, "\"me.key\""},
    };
    for (const auto& row : rows) {
        auto login = good();
        login.tls = row.tls;
        EXPECT_NE(refusal_of(login).find(row.about), std::string::npos) << row.about;
    }
    auto login = good();
    login.tls = {.enabled = true};
    EXPECT_EQ(refusal_of(login), "");
}

// Files of a directory of its own, made with the authority's hand.
class tls_files : public ::testing::Test {
  protected:
    persistence::login_record with(const persistence::tls_wish& tls) const {
        auto login = good();
        login.tls = tls;
        return login;
    }
    persistence::tls_wish whole() const { return {true, true, authority.file(), own.certificate, own.key, ""}; }
    static std::string complaint_about(const persistence::login_record& login, api_errc code = api_errc::bad_request) {
        try {
            check_tls_files(login);
        } catch (const api_failure& failure) {
            EXPECT_EQ(failure.code(), code) << failure.what();
            return failure.what();
        }
        return {};
    }

    temporary_directory directory;
    test::certificate_authority authority{directory.path(), "authority"};
    test::certificate_files own = authority.issue("initiator", "DNS:host.example");
};

TEST_F(tls_files, good_ones_pass) {
    EXPECT_EQ(complaint_about(with(whole())), "");
    EXPECT_EQ(complaint_about(with({.enabled = true, .ca = directory.path()})), "");
    EXPECT_EQ(complaint_about(with({.enabled = true, .verify = false})), "");
    EXPECT_EQ(complaint_about(good()), "");
}

TEST_F(tls_files, what_cannot_be_used_is_named_without_its_content) {
    auto other = test::certificate_authority(directory.path(), "other").issue("other", "DNS:other");
    ASSERT_EQ(::mkfifo((directory.path() / "pipe").c_str(), 0600), 0);
    const auto not_pem = directory.file("words.pem", "some private words");
    ASSERT_EQ(::chmod(not_pem.c_str(), 0600), 0);
    const struct {
        std::string persistence::tls_wish::*field;
        std::string value;
        std::string_view about;
    } rows[] = {
        {&persistence::tls_wish::ca, directory.path() / "nowhere.pem", "nowhere.pem\": No such file"},
        {&persistence::tls_wish::certificate, directory.path() / "nowhere.pem", "nowhere.pem\": No such file"},
        {&persistence::tls_wish::key, directory.path() / "nowhere.key", "nowhere.key\": No such file"},
        {&persistence::tls_wish::ca, directory.path() / "pipe", "pipe\": not a regular file"},
        {&persistence::tls_wish::key, directory.path(), "not a regular file"},
        {&persistence::tls_wish::ca, not_pem, "words.pem"},
        {&persistence::tls_wish::key, not_pem, "words.pem"},
        {&persistence::tls_wish::key, other.key, "TLS key"},
        {&persistence::tls_wish::server_name, std::string(300, 'n'), "server name"},
    };
    for (const auto& row : rows) {
        auto tls = whole();
        tls.*row.field = row.value;
        const auto complaint = complaint_about(with(tls));
        EXPECT_NE(complaint.find(row.about), std::string::npos) << row.value << ": " << complaint;
        EXPECT_EQ(complaint.find("private words"), std::string::npos) << complaint;
    }
}

TEST_F(tls_files, key_that_everybody_may_read_is_refused) {
    ASSERT_EQ(::chmod(own.key.c_str(), 0644), 0);
    EXPECT_NE(complaint_about(with(whole())).find("readable by everybody"), std::string::npos);
}

TEST_F(tls_files, file_that_this_process_may_not_read_is_forbidden) {
    ASSERT_EQ(::chmod(directory.path().c_str(), 0755), 0);
    ASSERT_EQ(::chmod(own.key.c_str(), 0), 0);
    constexpr ::uid_t nobody = 65534;
    const bool root = ::geteuid() == 0;
    ASSERT_TRUE(!root || ::seteuid(nobody) == 0);
    const auto complaint = complaint_about(with(whole()), api_errc::forbidden);
    const auto user = std::to_string(::geteuid());
    ASSERT_TRUE(!root || ::seteuid(0) == 0);
    EXPECT_NE(complaint.find("initiator.key\": user " + user + " may not read it"), std::string::npos) << complaint;
}

}  // namespace
}  // namespace persiscsi::daemon
