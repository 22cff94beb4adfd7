// SPDX-License-Identifier: Apache-2.0
#include "initiator/login/login_options.hpp"

#include "tests/unit/initiator/login/scripted_login.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace persiscsi {
namespace {

using namespace test;
using testing::HasSubstr;
using testing::Not;

/// Expects that the options are refused for a reason that holds `reason`, and that no secret is in it.
void expect_refused(const login_options& options, const std::string& reason) {
    const auto wrong = validate(options);
    EXPECT_EQ(wrong.code, login_errc::bad_option) << reason;
    EXPECT_THAT(wrong.detail, HasSubstr(reason));
    EXPECT_THAT(wrong.detail, Not(HasSubstr(std::string(own_secret))));
}

TEST(login_options, that_are_sound_pass) {
    EXPECT_FALSE(validate(sound_options()));
    EXPECT_FALSE(validate(chap_options()));
    EXPECT_FALSE(validate(mutual_options()));
}

TEST(login_options, need_names_of_both_sides) {
    auto options = sound_options();
    options.initiator_name = "me";
    expect_refused(options, "initiator name 'me' does not begin with iqn.");
    options = sound_options();
    options.target_name = "iqn.2024-01.example:a b";
    expect_refused(options, "target name 'iqn.2024-01.example:a b' has the character ' '");
    options.target_name.clear();
    expect_refused(options, "no target name");
    options.type = session_type::discovery;
    EXPECT_FALSE(validate(options));
}

TEST(login_options, alias_has_255_bytes_and_no_nul) {
    auto options = sound_options();
    options.initiator_alias = std::string(255, 'a');
    EXPECT_FALSE(validate(options));
    options.initiator_alias += 'a';
    expect_refused(options, "initiator alias has 256 bytes, allowed 255");
    options.initiator_alias = std::string("a\0b", 3);
    expect_refused(options, "initiator alias has a NUL inside");
    options.initiator_alias = "Reject";
    expect_refused(options, "initiator alias has a value that only answers may have");
}

TEST(login_options, isid_has_48_bits_and_no_reserved_format) {
    auto options = sound_options();
    options.isid = static_cast<pdu::isid>(0x1000000000000);
    expect_refused(options, "ISID is longer than 48 bits");
    options.isid = static_cast<pdu::isid>(0xc00000000000);
    expect_refused(options, "ISID has the reserved format 11b");
    options.isid = static_cast<pdu::isid>(0xbfffffffffff);
    EXPECT_FALSE(validate(options));
}

TEST(login_options, chap_needs_a_name_and_a_secret) {
    auto options = chap_options();
    options.chap->name.clear();
    expect_refused(options, "CHAP name is empty");
    options.chap->name = std::string(256, 'n');
    expect_refused(options, "CHAP name has 256 bytes, allowed 255");
    options.chap->name = std::string("a\0b", 3);
    expect_refused(options, "CHAP name has a NUL inside");
    options = chap_options();
    options.chap->secret = secret();
    expect_refused(options, "CHAP secret is empty");
    options.chap->secret = secret("x");
    EXPECT_FALSE(validate(options));
}

TEST(login_options, mutual_chap_needs_chap_and_another_secret) {
    auto options = mutual_options();
    options.chap.reset();
    expect_refused(options, "mutual CHAP without CHAP of our own");
    options = mutual_options();
    options.mutual_chap->secret = secret(own_secret);
    expect_refused(options, "both directions of CHAP have the same secret");
    options.mutual_chap->secret = secret();
    expect_refused(options, "mutual CHAP secret is empty");
    options = mutual_options();
    options.mutual_chap->name = std::string(256, 'n');
    expect_refused(options, "mutual CHAP name has 256 bytes");
    options.mutual_chap->name.clear();
    EXPECT_FALSE(validate(options));
}

TEST(login_options, chap_algorithms_are_known_and_listed_once) {
    auto options = chap_options();
    options.chap_algorithms.clear();
    expect_refused(options, "no CHAP algorithm to offer");
    options.chap_algorithms = {chap_algorithm::md5, chap_algorithm::sha1, chap_algorithm::md5};
    expect_refused(options, "CHAP algorithm 5 is listed twice");
    options.chap_algorithms = {static_cast<chap_algorithm>(9)};
    expect_refused(options, "CHAP algorithm 9 is not known");
    options.chap_algorithms = {static_cast<chap_algorithm>(4)};
    expect_refused(options, "CHAP algorithm 4 is not known");
}

template <auto Member>
void expect_range(std::uint32_t lowest, std::uint32_t highest, const std::string& key) {
    auto options = sound_options();
    // The neighbours as wide as they go, so that only the range of this one can fail.
    options.wishes.first_burst_length = 512;
    options.wishes.max_burst_length = 16777215;
    options.wishes.max_outstanding_r2t = 1;
    auto& member = options.wishes.*Member;
    using number = std::remove_reference_t<decltype(member)>;
    for (const auto good : {lowest, highest}) {
        member = static_cast<number>(good);
        EXPECT_FALSE(validate(options)) << key << ' ' << good;
    }
    if (lowest > 0) {
        member = static_cast<number>(lowest - 1);
        expect_refused(options, key + " is " + std::to_string(lowest - 1) + ", legal is ");
    }
    if (highest < std::numeric_limits<number>::max()) {
        member = static_cast<number>(highest + 1);
        expect_refused(options, key + " is " + std::to_string(highest + 1) + ", legal is ");
    }
}

TEST(login_options, wishes_stay_within_the_legal_values) {
    using w = operational_wishes;
    expect_range<&w::max_recv_data_segment_length>(512, 16777215, "MaxRecvDataSegmentLength");
    expect_range<&w::max_burst_length>(512, 16777215, "MaxBurstLength");
    expect_range<&w::first_burst_length>(512, 16777215, "FirstBurstLength");
    expect_range<&w::max_outstanding_r2t>(1, 65535, "MaxOutstandingR2T");
    expect_range<&w::max_connections>(1, 65535, "MaxConnections");
    expect_range<&w::default_time2wait>(0, 3600, "DefaultTime2Wait");
    expect_range<&w::default_time2retain>(0, 3600, "DefaultTime2Retain");
    expect_range<&w::error_recovery_level>(0, 2, "ErrorRecoveryLevel");
}

TEST(login_options, first_burst_may_not_exceed_max_burst) {
    auto options = sound_options();
    options.wishes.max_burst_length = 65536;
    options.wishes.first_burst_length = 65537;
    expect_refused(options, "FirstBurstLength 65537 exceeds MaxBurstLength 65536");
    options.parameters = {{"MaxBurstLength", "65537"}};
    EXPECT_FALSE(validate(options)) << "the parameter wins over the wish";
}

TEST(login_options, error_recovery_wants_one_r2t_at_a_time) {
    auto options = sound_options();
    options.wishes.error_recovery_level = 1;
    EXPECT_FALSE(validate(options)) << "the wish gives way";
    options.parameters = {{"MaxOutstandingR2T", "2"}};
    expect_refused(options, "ErrorRecoveryLevel 1 needs MaxOutstandingR2T 1");
    options.parameters.push_back({"DataSequenceInOrder", "No"});
    EXPECT_FALSE(validate(options));
    options = sound_options();
    options.parameters = {{"ErrorRecoveryLevel", "0x2"}, {"MaxOutstandingR2T", "2"}};
    expect_refused(options, "ErrorRecoveryLevel 2 needs MaxOutstandingR2T 1");
}

TEST(parameters, that_may_be_set_pass) {
    auto options = sound_options();
    options.parameters = {{"MaxOutstandingR2T", "0x1"},
                          {"HeaderDigest", "None,CRC32C"},
                          {"InitialR2T", "Yes"},
                          {"TaskReporting", "RFC3720,ResponseFence"},
                          {"X-com.example.do", ""},
                          {"iSCSIProtocolLevel", "1"}};
    EXPECT_FALSE(validate(options)) << validate(options).detail;
}

TEST(parameters, with_a_bad_name_value_or_place_are_refused) {
    struct bad_parameter {
        pdu::text_key parameter;
        const char* reason;
    };
    const bad_parameter cases[] = {
        {{"", "1"}, "is no name of a key"},
        {{"A=B", "1"}, "is no name of a key"},
        {{std::string(64, 'A'), "1"}, "is no name of a key"},
        {{"x-com.example.do", "1"}, "is no name of a key"},
        {{"X#y", "1"}, "is no name of a key"},
        {{"TargetAuth", "Yes"}, "is a security key"},
        {{"MaxBurstLenght", "65536"},
         "parameter MaxBurstLenght is no key of RFC 7143 §13, and private ones begin with X-"},
        {{std::string("A\0B", 3), "1"}, "is no name of a key"},
        {{"AuthMethod", "None"}, "is a security key"},
        {{"CHAP_A", "5"}, "is a security key"},
        {{"SRP_U", "x"}, "is a security key"},
        {{"InitiatorName", "iqn.2024-01.example:x"}, "is set by an option of its own"},
        {{"InitiatorAlias", "x"}, "is set by an option of its own"},
        {{"TargetName", "iqn.2024-01.example:x"}, "is set by an option of its own"},
        {{"SessionType", "Discovery"}, "is set by an option of its own"},
        {{"SendTargets", "All"}, "is not for an initiator to set in a login"},
        {{"TargetAlias", "x"}, "is not for an initiator to set in a login"},
        {{"TargetPortalGroupTag", "1"}, "is not for an initiator to set in a login"},
        {{"IFMarker", "No"}, "is not for an initiator to set in a login"},
        {{"X#NodeArchitecture", "x"}, "is not for an initiator to set in a login"},
        {{"MaxBurstLength", "511"}, "is 511, legal is 512 to 16777215"},
        {{"MaxBurstLength", ""}, "legal is 512 to 16777215"},
        {{"MaxBurstLength", "1M"}, "legal is 512 to 16777215"},
        {{"ImmediateData", "on"}, "legal is Yes or No"},
        {{"HeaderDigest", "SHA1"}, "legal is a list of CRC32C,None"},
        {{"TaskReporting", "FastAbort"}, "with at least the first two of them (RFC 7143 §13.23)"},
        {{"iSCSIProtocolLevel", "2"}, "legal is 1 (RFC 7143 §13.24)"},
        {{"X-com.example.do", "Reject"}, "has a value that only answers may have"},
        {{"X-com.example.do", std::string(256, 'v')}, "has 256 bytes, allowed 255"},
        {{"X-com.example.do", std::string("a\0b", 3)}, "has a NUL inside"},
    };
    for (const auto& [parameter, reason] : cases) {
        auto options = sound_options();
        options.parameters = {parameter};
        expect_refused(options, reason);
    }
    auto options = sound_options();
    options.parameters = {{"X-com.example.do", "1"}, {"X-com.example.do", "1"}};
    expect_refused(options, "parameter X-com.example.do is given twice");
}

}  // namespace
}  // namespace persiscsi
