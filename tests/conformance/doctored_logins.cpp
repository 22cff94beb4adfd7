// SPDX-License-Identifier: Apache-2.0
// Conversations that break a rule about Login Requests or keys.
#include "tests/conformance/doctored.hpp"

namespace persiscsi::conformance {
namespace {

using enum rule;
using pdu::login_stage;
using pdu::task_tag;
constexpr auto security = login_stage::security_negotiation;
constexpr auto operational = login_stage::operational_negotiation;
constexpr std::string_view chap_names =
    "InitiatorName=iqn.2026-11.org.persiscsi:i;TargetName=iqn.2026-11.org.persiscsi:t;SessionType=Normal;AuthMethod="
    "CHAP";
constexpr std::string_view further_names =
    "InitiatorName=iqn.2026-11.org.persiscsi:i;TargetName=iqn.2026-11.org.persiscsi:t;AuthMethod=None";

void first(talk& t, std::string_view keys = talk::names, const talk::edit& spoil = {}) {
    t.open();
    t.login_request(security, keys, spoil);
}
void offers(talk& t, std::string_view keys) {
    t.security_stage();
    t.login_request(operational, keys);
}
/// In the operational stage, the target has proposed these keys.
void proposed(talk& t, std::string_view keys) {
    t.security_stage();
    t.login_request(operational, "");
    t.login_response(operational, keys, false);
}
void chosen(talk& t) {
    first(t, chap_names, talk::put<1>(1, 0));
    t.login_response(security, "AuthMethod=CHAP", false);
}
void challenged(talk& t) {
    chosen(t);
    t.login_request(security, "CHAP_A=7,5", talk::put<1>(1, 0));
    t.login_response(security, "CHAP_A=5;CHAP_I=1;CHAP_C=0x0102", false);
}

}  // namespace

std::vector<doctored> doctored_logins() {
    return {
        {login_comes_first_and_once,
         [](talk& t) {
             t.log_in();
             t.login_request(security, "");
         }},
        {one_login_request_at_a_time,
         [](talk& t) {
             first(t, talk::names, talk::put<1>(1, 0));
             t.login_request(security, "");
         }},
        {login_keeps_its_identity,
         [](talk& t) {
             t.security_stage();
             t.login_request(operational, "", talk::put<2>(20, 5));
         }},
        {login_version_is_zero, [](talk& t) { first(t, talk::names, talk::put<1>(2, 1)); }},
        {login_isid_has_a_known_format, [](talk& t) { first(t, talk::names, talk::flip(8, 0x40)); }},
        {login_tsih_is_the_sessions,
         [](talk& t) {
             t.log_in();
             t.connection = 1;
             t.cid = 1;
             t.tsih = pdu::tsih{9};
             first(t, further_names);
         }},
        {login_stages_follow_the_table, [](talk& t) { first(t, talk::names, talk::flip(1, 0x80)); }},
        {login_continues_or_transits, [](talk& t) { first(t, "", talk::flip(1, 0x40)); }},
        {first_login_request_acknowledges_nothing, [](talk& t) { first(t, talk::names, talk::put(28, 1)); }},
        {continued_response_gets_an_empty_request,
         [](talk& t) {
             t.security_stage();
             t.login_request(operational, "");
             t.login_response(operational, "TargetAlias=a", false, true);
             t.login_request(operational, "MaxConnections=1");
         }},
        {nothing_follows_a_login_reject,
         [](talk& t) {
             first(t);
             t.answer(pdu::login_response{.status = pdu::login_status::not_found});
             t.login_request(security, "");
         }},
        {first_login_request_names_the_parties,
         [](talk& t) { first(t, "InitiatorName=iqn.2026-11.org.persiscsi:i;AuthMethod=None"); }},
        {key_is_well_formed, [](talk& t) { offers(t, "maxConnections=1"); }},
        {key_comes_once, [](talk& t) { offers(t, "MaxConnections=1;MaxConnections=1"); }},
        {key_belongs_to_the_stage, [](talk& t) { first(t, std::string(talk::names) + ";MaxConnections=1"); }},
        {key_belongs_to_the_phase, [](talk& t) { offers(t, "SendTargets=All"); }},
        {key_is_one_an_initiator_sends, [](talk& t) { offers(t, "TargetAlias=mine"); }},
        {leading_only_key_on_the_leading_login,
         [](talk& t) {
             t.log_in();
             t.connection = 1;
             t.cid = 1;
             t.tsih = pdu::tsih{1};
             t.log_in("MaxConnections=2", "", further_names);
         }},
        {key_belongs_to_the_session_type,
         [](talk& t) {
             t.security_stage("InitiatorName=iqn.2026-11.org.persiscsi:i;SessionType=Discovery;AuthMethod=None");
             t.login_request(operational, "InitialR2T=Yes");
         }},
        {reserved_word_is_no_proposal, [](talk& t) { offers(t, "MaxConnections=Irrelevant"); }},
        {proposal_is_legal, [](talk& t) { offers(t, "MaxConnections=65536"); }},
        {answer_is_admissible,
         [](talk& t) {
             proposed(t, "MaxConnections=2");
             t.login_request(operational, "MaxConnections=3");
         }},
        {proposal_is_answered,
         [](talk& t) {
             proposed(t, "InitialR2T=No");
             t.login_request(operational, "");
         }},
        {unknown_key_is_not_understood,
         [](talk& t) {
             proposed(t, "X-org.example.new=1");
             t.login_request(operational, "X-org.example.new=1");
         }},
        {known_key_is_understood,
         [](talk& t) {
             proposed(t, "IFMarker=Yes");
             t.login_request(operational, "IFMarker=NotUnderstood");
         }},
        {first_burst_is_offered_within_max_burst,
         [](talk& t) { offers(t, "MaxBurstLength=1024;FirstBurstLength=2048"); }},
        {chap_goes_step_by_step, [](talk& t) { first(t, std::string(chap_names) + ";CHAP_A=5", talk::put<1>(1, 0)); }},
        {chap_offers_md5,
         [](talk& t) {
             chosen(t);
             t.login_request(security, "CHAP_A=7", talk::put<1>(1, 0));
         }},
        {chap_binaries_have_legal_lengths,
         [](talk& t) {
             challenged(t);
             t.login_request(security, "CHAP_N=i;CHAP_R=0x0102;CHAP_I=256;CHAP_C=0x03", talk::put<1>(1, 0));
         }},
        {chap_challenge_is_not_reflected,
         [](talk& t) {
             challenged(t);
             t.login_request(security, "CHAP_N=i;CHAP_R=0x01;CHAP_I=2;CHAP_C=0bAQI=", talk::put<1>(1, 0));
         }},
    };
}

}  // namespace persiscsi::conformance
