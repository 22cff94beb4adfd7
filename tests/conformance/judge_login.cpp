// SPDX-License-Identifier: Apache-2.0
// The Login Phase (RFC 7143 §6.3, §11.12), and what it settles.
#include "tests/conformance/judge.hpp"

#include <utility>

namespace persiscsi::conformance {
namespace {

constexpr unsigned security_stage = 0, operational_stage = 1, full_feature_stage = 3;

unsigned current_stage(const raw_pdu& pdu) {
    return (pdu.byte(1) >> 2U) & 3U;
}
unsigned next_stage(const raw_pdu& pdu) {
    return pdu.byte(1) & 3U;
}

bool has_known_isid(const raw_pdu& pdu) {
    const auto format = pdu.byte(8) >> 6U;
    return format == 0 || (format != 3 && (pdu.byte(8) & 0x3fU) == 0);
}

void take(const std::map<std::string, std::string>& values, const char* key, std::uint32_t& into) {
    if (values.contains(key)) into = static_cast<std::uint32_t>(number_of(values.at(key)).value_or(into));
}
void take(const std::map<std::string, std::string>& values, const char* key, bool& into) {
    if (values.contains(key)) into = values.at(key) == "Yes";
}

}  // namespace

void judge::on_login_request(const raw_pdu& pdu) {
    auto& connection = at(now_at_);
    if (connection.login_outstanding) broken(rule::one_login_request_at_a_time, "");
    connection.login_outstanding = true;
    if (pdu.byte(2) != 0 || pdu.byte(3) != 0) broken(rule::login_version_is_zero, "");
    if (!has_known_isid(pdu)) broken(rule::login_isid_has_a_known_format, "");
    if (pdu.itt() == no_tag) broken(rule::itt_is_not_the_reserved_one, "");
    if (connection.first_login)
        check_login_identity(pdu);
    else
        start_login(pdu);
    const bool leading = connection.first_login->number<2>(14) == 0;
    if (leading ? pdu.word(24) != connection.first_login->word(24) : pdu.word(24) != session_.next_cmd_sn)
        broken(rule::login_cmd_sn_is_the_sessions, "CmdSN " + std::to_string(pdu.word(24)));
    if (pdu.bit(1, 0) && pdu.bit(1, 1)) broken(rule::login_continues_or_transits, "");
    check_login_stage(pdu);
    if (connection.statuses) check_exp_stat_sn(pdu);
    take_login_text(pdu);
}

void judge::start_login(const raw_pdu& pdu) {
    auto& connection = at(now_at_);
    connection.first_login = pdu;
    connection.stage = current_stage(pdu);
    const auto tsih = pdu.number<2>(14);
    if (tsih == 0) {  // RFC 7143 §6.3.5: a new session, or the old one's reinstatement
        session_ = {};
        session_.next_cmd_sn = pdu.word(24);
        session_.exp_cmd_sn = pdu.word(24);
        session_.max_cmd_sn = pdu.word(24) - 1;
    } else if (tsih != session_.tsih) {
        broken(rule::login_tsih_is_the_sessions, "the session has " + std::to_string(session_.tsih));
    }
    connection.restarts = session_.cids.contains(connection.cid());
    bool taken = find(pdu.itt()) != nullptr;
    for (const auto& [number, other] : connections_)  // each login is a task as well (§6.3)
        taken = taken || (number != now_at_ && other.phase == connection_phase::login && other.first_login &&
                          other.first_login->itt() == pdu.itt());
    if (taken) broken(rule::itt_is_unique_while_in_use, "a login with the tag of another task");
    if (!connection.restarts && pdu.word(28) != 0) broken(rule::first_login_request_acknowledges_nothing, "");
}

void judge::check_login_identity(const raw_pdu& pdu) {
    const auto& first = *at(now_at_).first_login;
    if (pdu.number<8>(8) != first.number<8>(8) || pdu.itt() != first.itt() ||
        pdu.number<2>(20) != first.number<2>(20) || pdu.number<2>(2) != first.number<2>(2))
        broken(rule::login_keeps_its_identity, "");
}

void judge::check_login_stage(const raw_pdu& pdu) {
    auto& connection = at(now_at_);
    const bool transit = pdu.bit(1, 0);
    const auto next = next_stage(pdu);
    const bool legal_stage = current_stage(pdu) == connection.stage && connection.stage <= operational_stage;
    const bool legal_next = transit ? next > connection.stage && next != 2 : next == 0;
    if (!legal_stage || !legal_next)
        broken(rule::login_stages_follow_the_table, "the stage is " + std::to_string(connection.stage));
}

void judge::take_login_text(const raw_pdu& pdu) {
    auto& connection = at(now_at_);
    if (connection.response_continued) {
        if (!pdu.data.empty()) broken(rule::continued_response_gets_an_empty_request, "");
        return;
    }
    connection.text.insert(connection.text.end(), pdu.data.begin(), pdu.data.end());
    if (pdu.bit(1, 1)) return;
    const auto& sent = connection.keys.sent();
    const auto text = std::exchange(connection.text, {});
    const bool first = sent.empty();
    const bool leading = connection.first_login->number<2>(14) == 0;
    const std::string said(reinterpret_cast<const char*>(text.data()), text.size());
    if (leading && said.find("SessionType=Discovery") != std::string::npos) session_.agreed.discovery = true;
    connection.keys.on_initiator(text,
                                 {.login = true,
                                  .security_stage = connection.stage == security_stage,
                                  .leading = leading,
                                  .discovery = session_.agreed.discovery},
                                 reporter());
    if (first && (!sent.contains("InitiatorName") || (!session_.agreed.discovery && !sent.contains("TargetName"))))
        broken(rule::first_login_request_names_the_parties, "");
}

void judge::on_login_response(const raw_pdu& pdu) {
    auto& connection = at(now_at_);
    if (connection.phase != connection_phase::login || !connection.first_login) return;
    connection.login_outstanding = false;
    connection.refused = pdu.number<2>(36) != 0;
    connection.response_continued = pdu.bit(1, 1);
    if (connection.refused) return;
    auto& text = connection.target_text;
    text.insert(text.end(), pdu.data.begin(), pdu.data.end());
    if (!connection.response_continued) connection.keys.on_target(std::exchange(text, {}));
    if (!pdu.bit(1, 0)) return;
    connection.stage = next_stage(pdu);
    if (connection.stage == full_feature_stage) enter_full_feature(pdu);
}

void judge::enter_full_feature(const raw_pdu& pdu) {
    auto& connection = at(now_at_);
    connection.phase = connection_phase::full_feature;
    if (connection.restarts) {  // §11.14: an implicit logout, for recovery at level 2
        const bool for_recovery = session_.agreed.error_recovery_level == 2;
        if (for_recovery) session_.logged_out.insert(connection.cid());
        end_logged_out(now_at_, for_recovery);
    }
    session_.cids.insert(connection.cid());
    const auto values = connection.keys.results();
    const auto chosen = [&](const char* key) { return values.contains(key) && values.at(key) == "CRC32C"; };
    connection.digests = {.header = chosen("HeaderDigest"), .data = chosen("DataDigest")};
    take(values, "MaxRecvDataSegmentLength", connection.target_segment);
    if (session_.tsih != 0) return;
    session_.tsih = static_cast<std::uint16_t>(pdu.number<2>(14));
    auto& agreed = session_.agreed;
    take(values, "InitialR2T", agreed.initial_r2t);
    take(values, "ImmediateData", agreed.immediate_data);
    take(values, "DataPDUInOrder", agreed.data_pdu_in_order);
    take(values, "FirstBurstLength", agreed.first_burst_length);
    take(values, "MaxBurstLength", agreed.max_burst_length);
    take(values, "ErrorRecoveryLevel", agreed.error_recovery_level);
}

}  // namespace persiscsi::conformance
