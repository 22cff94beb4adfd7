// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/conformance_case.hpp"

#include <algorithm>

namespace persiscsi::conformance {

pdu::text_keys with(pdu::text_keys keys, const pdu::text_keys& changed) {
    for (const auto& pair : changed) {
        std::erase_if(keys, [&](const auto& one) { return one.key == pair.key; });
        keys.push_back(pair);
    }
    return keys;
}

void conformance_case::TearDown() {
    ASSERT_TRUE(target) << "no session";
    (void)target->silent();
    the_judge.rest();
    EXPECT_EQ(the_judge.told(), "");
    EXPECT_GT(the_judge.judged(), 0U);
    target->observer = nullptr;
}

void conformance_case::make_target(const pdu::text_keys& changed) {
    if (target) return;
    target =
        random ? std::make_unique<test::core_harness>(options, random) : std::make_unique<test::core_harness>(options);
    target->observer = &the_judge;
    target->target_keys = with(target_keys, changed);
}

void conformance_case::log_in(const pdu::text_keys& changed) {
    make_target(changed);
    target->log_in();
    (void)target->take<session::login_finished>();
    (void)target->take<session::close_transport>();
}

void conformance_case::log_in_all(const pdu::text_keys& changed) {
    make_target(changed);
    target->log_in_all();
}

void conformance_case::begin_login() {
    make_target({});
    target->core.login(false, target->now);
    target->open_transport();
}

pdu::login_request conformance_case::login_request(connection_number connection) {
    bytes data;
    const auto request = next<pdu::login_request>(&data, connection);
    said.clear();
    for (const auto& [key, value] : pdu::parse_text(data).keys) said[key] = value;
    return request;
}

void conformance_case::answer_login(const pdu::login_request& to,
                                    const pdu::text_keys& keys,
                                    bool transit,
                                    connection_number connection) {
    const bool last = transit && to.next_stage == pdu::login_stage::full_feature_phase;
    if (to.tsih == pdu::tsih::fresh) target->exp_cmd_sn = to.cmd_sn;
    say(pdu::login_response{.transit = transit && to.transit,
                            .current_stage = to.current_stage,
                            .next_stage = transit ? to.next_stage : pdu::login_stage::security_negotiation,
                            .isid = to.isid,
                            .tsih = last ? pdu::tsih{1} : to.tsih,
                            .initiator_task_tag = to.initiator_task_tag},
        pdu::encode_text(keys),
        true,
        connection);
}

pdu::login_request conformance_case::operational_request() {
    begin_login();
    answer_login(login_request(), {{"AuthMethod", "None"}, {"TargetPortalGroupTag", "1"}});
    return login_request();
}

bool conformance_case::login_succeeds_with(const pdu::text_keys& answers) {
    answer_login(operational_request(), answers);
    return state() == session_state::logged_in;
}

std::string conformance_case::said_value(const std::string& key) const {
    const auto found = said.find(key);
    return found == said.end() ? "(not said)" : found->second;
}

void conformance_case::expect_login_failed(std::error_code why) {
    const auto finished = target->take<session::login_finished>();
    ASSERT_EQ(finished.size(), 1U) << "the login goes on";
    EXPECT_EQ(finished[0].failed.code, why) << finished[0].failed.detail;
    EXPECT_TRUE(closed());
    EXPECT_TRUE(silent());
}

pdu::task_tag conformance_case::read(std::uint32_t size, std::uint64_t lun) {
    auto& memory = memories_.emplace_back(size);
    return target->core.submit({.lun = pdu::lun_id{lun}, .data_in = memory}, &owner, target->now);
}

pdu::task_tag conformance_case::write(std::uint32_t size, std::uint64_t lun) {
    const auto& memory = memories_.emplace_back(pattern(size, static_cast<unsigned>(memories_.size()) + 1));
    written = memory;
    return target->core.submit({.lun = pdu::lun_id{lun}, .data_out = memory}, &owner, target->now);
}

scsi_outcome conformance_case::outcome() {
    auto finished = target->take<session::scsi_finished>();
    EXPECT_EQ(finished.size(), 1U) << "commands that ended";
    return finished.empty() ? scsi_outcome{.failed = {make_error_code(protocol_errc::local_cancelled), "none"}}
                            : std::move(finished.front().outcome);
}

void conformance_case::good(pdu::task_tag tag, connection_number connection) {
    say(pdu::scsi_response{.initiator_task_tag = tag}, {}, true, connection);
}

void conformance_case::status(pdu::task_tag tag, std::uint8_t code, std::uint32_t residual) {
    say(pdu::scsi_response{.underflow = true, .status = code, .initiator_task_tag = tag, .residual_count = residual});
}

void conformance_case::check_condition(
    pdu::task_tag tag, std::uint8_t key, std::uint8_t asc, std::uint8_t ascq, std::uint32_t residual) {
    bytes sense(2 + 18);
    sense[1] = std::byte{18};
    sense[2] = std::byte{0x70};
    sense[4] = std::byte{key};
    sense[9] = std::byte{10};
    sense[14] = std::byte{asc};
    sense[15] = std::byte{ascq};
    say(pdu::scsi_response{.underflow = true, .status = 2, .initiator_task_tag = tag, .residual_count = residual},
        sense);
}

void conformance_case::data_in(pdu::task_tag tag,
                               std::uint32_t sn,
                               std::uint32_t offset,
                               std::uint32_t size,
                               bool last,
                               connection_number connection) {
    say(
        pdu::data_in{
            .final = last, .has_status = last, .initiator_task_tag = tag, .data_sn = {sn}, .buffer_offset = offset},
        pattern(size, sn + 1),
        last,
        connection);
}

void conformance_case::r2t(
    pdu::task_tag tag, std::uint32_t ttt, std::uint32_t sn, std::uint32_t offset, std::uint32_t size) {
    say(pdu::r2t{.lun = {},
                 .initiator_task_tag = tag,
                 .target_transfer_tag = pdu::transfer_tag{ttt},
                 .r2t_sn = {sn},
                 .buffer_offset = offset,
                 .desired_data_transfer_length = size},
        {},
        false);
}

void conformance_case::nop_in(std::uint32_t ttt, std::uint64_t lun) {
    say(pdu::nop_in{.lun = pdu::lun_id{lun}, .target_transfer_tag = pdu::transfer_tag{ttt}}, {}, false);
}

void conformance_case::answer_logout(const pdu::logout_request& to, connection_number connection) {
    say(pdu::logout_response{.initiator_task_tag = to.initiator_task_tag}, {}, true, connection);
}

bytes conformance_case::data_outs(std::uint32_t ttt, std::uint32_t offset, std::size_t size, std::size_t at_most) {
    bytes all, data;
    for (std::uint32_t sn = 0; all.size() < size; ++sn) {
        const auto out = next<pdu::data_out>(&data);
        EXPECT_EQ(out.target_transfer_tag, pdu::transfer_tag{ttt});
        EXPECT_EQ(out.data_sn.value, sn);
        EXPECT_EQ(out.buffer_offset, offset + all.size());
        EXPECT_LE(data.size(), at_most);
        EXPECT_EQ(out.final, all.size() + data.size() == size);
        if (data.empty()) break;
        all.insert(all.end(), data.begin(), data.end());
    }
    EXPECT_EQ(all.size(), size);
    return all;
}

}  // namespace persiscsi::conformance
