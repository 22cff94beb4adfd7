// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/initiator/login/scripted_login.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace persiscsi {
namespace {

using namespace test;
using testing::HasSubstr;
using testing::Not;

step refuse(scripted_login& login, unsigned status, const pdu::text_keys& keys = {}) {
    auto response = login.response();
    response.status = static_cast<pdu::login_status>(status);
    return login.answer(response, keys);
}

step refused_at_once(unsigned status, const pdu::text_keys& keys = {}, login_options options = chap_options()) {
    scripted_login login(std::move(options));
    login.start();
    return refuse(login, status, keys);
}

struct status_case {
    unsigned status;
    login_errc code;
    error_class what_next;
    const char* detail;
};

constexpr status_case cases[] = {
    {0x0200,
     login_errc::initiator_error,
     error_class::permanent,
     "the target refuses the login as wrong (status 0x0200, security stage)"},
    {0x0201,
     login_errc::authentication_failure,
     error_class::permanent,
     "authentication failed (status 0x0201, security stage)"},
    {0x0202,
     login_errc::authorization_failure,
     error_class::permanent,
     "this initiator is not allowed to use the target (status 0x0202, security stage)"},
    {0x0203, login_errc::not_found, error_class::permanent, "target not found (status 0x0203, security stage)"},
    {0x0204, login_errc::target_removed, error_class::permanent, "target removed (status 0x0204, security stage)"},
    {0x0205,
     login_errc::unsupported_version,
     error_class::permanent,
     "the target does not support our protocol version (status 0x0205, security stage)"},
    {0x0206,
     login_errc::too_many_connections,
     error_class::retry_later,
     "too many connections (status 0x0206, security stage)"},
    {0x0207,
     login_errc::missing_parameter,
     error_class::permanent,
     "the target misses a parameter (status 0x0207, security stage)"},
    {0x0208,
     login_errc::cannot_include_in_session,
     error_class::permanent,
     "the target cannot add the connection to the session (status 0x0208, security stage)"},
    {0x0209,
     login_errc::session_type_not_supported,
     error_class::permanent,
     "the target does not support this session type (status 0x0209, security stage)"},
    {0x020a,
     login_errc::session_does_not_exist,
     error_class::permanent,
     "the session does not exist (status 0x020a, security stage)"},
    {0x020b,
     login_errc::invalid_during_login,
     error_class::permanent,
     "the target calls our request invalid during login (status 0x020b, security stage)"},
    {0x0300,
     login_errc::target_error,
     error_class::retry_later,
     "the target has an internal error (status 0x0300, security stage)"},
    {0x0301,
     login_errc::service_unavailable,
     error_class::retry_later,
     "the target's service is not available now (status 0x0301, security stage)"},
    {0x0302,
     login_errc::out_of_resources,
     error_class::retry_later,
     "the target is out of resources (status 0x0302, security stage)"},
    {0x020c,
     login_errc::unknown_status,
     error_class::permanent,
     "the target answers with a status that RFC 7143 does not name (status 0x020c, security stage)"},
    {0x03ff,
     login_errc::target_error,
     error_class::retry_later,
     "the target has an internal error (status 0x03ff, security stage)"},
    {0x0400,
     login_errc::unknown_status,
     error_class::permanent,
     "the target answers with a status that RFC 7143 does not name (status 0x0400, security stage)"},
    {0x0001,
     login_errc::unknown_status,
     error_class::permanent,
     "the target answers with a status that RFC 7143 does not name (status 0x0001, security stage)"},
    {0xffff,
     login_errc::unknown_status,
     error_class::permanent,
     "the target answers with a status that RFC 7143 does not name (status 0xffff, security stage)"},
};

TEST(refusal, each_status_has_its_error_class_and_detail) {
    for (const auto& expected : cases) {
        const auto failed = failure_of(refused_at_once(expected.status));
        EXPECT_EQ(failed.code, expected.code) << expected.detail;
        EXPECT_EQ(classify(failed.code), expected.what_next) << expected.detail;
        EXPECT_EQ(failed.detail, expected.detail);
    }
}

TEST(refusal, names_the_stage_it_came_in) {
    scripted_login login(sound_options());
    login.reach_operational_stage();
    EXPECT_EQ(failure_of(refuse(login, 0x0302)).detail,
              "the target is out of resources (status 0x0302, operational stage)");
}

TEST(refusal, of_a_login_without_authentication_says_that_the_target_demands_it) {
    const auto failed = failure_of(refused_at_once(0x0201, {}, sound_options()));
    EXPECT_EQ(failed.code, login_errc::authentication_failure);
    EXPECT_THAT(failed.detail, HasSubstr("the target demands authentication"));
    EXPECT_THAT(failure_of(refused_at_once(0x0201)).detail, Not(HasSubstr("demands")));
}

/// A login that is refused after the target has chosen an algorithm out of the offer.
failure refused_after_chap(unsigned status, const std::string& algorithm) {
    scripted_login login(chap_options());
    login.start();
    login.stay({{"AuthMethod", "CHAP"}});
    login.stay({{"CHAP_A", algorithm}, {"CHAP_I", "1"}, {"CHAP_C", "0x0102"}});
    return failure_of(refuse(login, status));
}

TEST(refusal, after_sha_256_says_how_to_do_without) {
    EXPECT_EQ(refused_after_chap(0x0200, "7").detail,
              "the target refuses the login as wrong: CHAP with SHA-256 was tried, which tgtd computes wrongly; "
              "--param CHAP_A=5 offers MD5 alone (status 0x0200, security stage)");
    EXPECT_THAT(refused_after_chap(0x0201, "7").detail, HasSubstr("--param CHAP_A=5"));
    for (const auto* other : {"5", "6", "8"})
        EXPECT_THAT(refused_after_chap(0x0201, other).detail, Not(HasSubstr("CHAP_A=5"))) << other;
    EXPECT_THAT(refused_after_chap(0x0202, "7").detail, Not(HasSubstr("CHAP_A=5"))) << "no matter of the response";
}

TEST(refusal, before_an_algorithm_is_chosen_says_so_only_where_sha_256_was_offered) {
    for (const bool offered : {true, false}) {
        auto options = chap_options();
        if (!offered) options.chap_algorithms = {chap_algorithm::md5};
        scripted_login login(options);
        login.start();
        login.stay({{"AuthMethod", "CHAP"}});
        const auto failed = failure_of(refuse(login, 0x0200));
        EXPECT_EQ(failed.detail.find("CHAP_A=5") != std::string::npos, offered);
    }
}

TEST(refusal, does_not_look_at_the_other_fields) {
    scripted_login login(sound_options());
    login.start();
    pdu::login_response response;
    response.status = pdu::login_status::not_found;
    response.version_active = 9;
    response.transit = response.continued = true;
    EXPECT_EQ(code_of(login.answer(response)), login_errc::not_found);
}

TEST(redirect, goes_to_the_address_given) {
    const auto next = refused_at_once(0x0101, {{"TargetAddress", "[2001:db8::2]:3261"}});
    const auto* redirect = std::get_if<login_dialogue::redirect>(&next);
    ASSERT_NE(redirect, nullptr);
    EXPECT_EQ(redirect->to, (portal{"2001:db8::2", 3261}));
    EXPECT_FALSE(redirect->permanent);
}

TEST(redirect, may_be_permanent_carry_a_tag_and_come_with_other_keys) {
    const auto next = refused_at_once(
        0x0102, {{"TargetAlias", "x"}, {"TargetAddress", "disks.example,7"}, {"TargetAddress", "192.0.2.1"}});
    const auto* redirect = std::get_if<login_dialogue::redirect>(&next);
    ASSERT_NE(redirect, nullptr);
    EXPECT_EQ(redirect->to, (portal{"disks.example", 3260}));
    EXPECT_TRUE(redirect->permanent);
}

TEST(redirect, of_an_unknown_detail_is_a_temporary_one) {
    const auto next = refused_at_once(0x0177, {{"TargetAddress", "192.0.2.1"}});
    ASSERT_TRUE(std::holds_alternative<login_dialogue::redirect>(next));
    EXPECT_FALSE(std::get<login_dialogue::redirect>(next).permanent);
}

TEST(redirect, to_nowhere_is_a_failure) {
    const auto missing = failure_of(refused_at_once(0x0101));
    EXPECT_EQ(missing.code, login_errc::bad_redirect_address);
    EXPECT_EQ(missing.detail, "redirected without a TargetAddress (status 0x0101, security stage)");
    for (const auto* address : {"", "192.0.2.1:0", "2001:db8::2", "a b", "host:99999", "host,65536"}) {
        const auto failed = failure_of(refused_at_once(0x0102, {{"TargetAddress", address}}));
        EXPECT_EQ(failed.code, login_errc::bad_redirect_address) << address;
        EXPECT_THAT(failed.detail, HasSubstr(std::string("to TargetAddress=") + address + " (status 0x0102"));
    }
    scripted_login login(sound_options());
    login.start();
    auto response = login.response();
    response.status = pdu::login_status::target_moved_temporarily;
    EXPECT_EQ(code_of(login.answer_raw(response, std::vector(3, std::byte{'A'}))), login_errc::bad_redirect_address);
}

}  // namespace
}  // namespace persiscsi
