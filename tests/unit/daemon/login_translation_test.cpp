// SPDX-License-Identifier: Apache-2.0
#include "daemon/login_translation.hpp"

#include "daemon/api_failure.hpp"

#include <gtest/gtest.h>

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
    check_login(login);
    login_secrets secrets;
    secrets.chap = persistence::stored_secret{"user", secret("one")};
    secrets.mutual = persistence::stored_secret{"target", secret("two")};
    const auto options = options_of(login, secrets);
    EXPECT_EQ(options.portal, (portal{"192.0.2.7", 3261}));
    EXPECT_EQ(options.local_address, "192.0.2.1");
    EXPECT_EQ(std::get<fail_after>(options.recovery).limit, std::chrono::seconds(7));
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

}  // namespace
}  // namespace persiscsi::daemon
