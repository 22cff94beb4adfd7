// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/talk.hpp"

namespace persiscsi::conformance {
namespace {

talk::bytes whole(const pdu::frame& frame) {
    talk::bytes bytes;
    for (const auto piece : {frame.head(), frame.data(), frame.tail()})
        bytes.insert(bytes.end(), piece.begin(), piece.end());
    return bytes;
}

constexpr auto login_tag = pdu::task_tag{0x70000001};

}  // namespace

talk::bytes talk::text(std::string_view keys) {
    bytes made;
    for (const char letter : keys) made.push_back(letter == ';' ? std::byte{0} : static_cast<std::byte>(letter));
    if (!made.empty()) made.push_back(std::byte{0});
    return made;
}

void talk::send_frame(const pdu::frame& frame, const edit& spoil) {
    auto out = whole(frame);
    if (spoil) spoil(out);
    judged.sent(connection, out);
}

void talk::answer_frame(const pdu::frame& frame, const edit& spoil) {
    auto in = whole(frame);
    if (spoil) spoil(in);
    judged.received(connection, in);
}

void talk::open() {
    has_status_ = false;
    digests = {};
    judged.opened(connection);
}

void talk::login_request(pdu::login_stage stage, std::string_view keys, const edit& spoil) {
    const auto next = stage == pdu::login_stage::security_negotiation ? pdu::login_stage::operational_negotiation
                                                                      : pdu::login_stage::full_feature_phase;
    send(pdu::login_request{.transit = true,
                            .current_stage = stage,
                            .next_stage = next,
                            .isid = the_isid,
                            .tsih = tsih,
                            .initiator_task_tag = login_tag,
                            .cid = pdu::connection_id{cid}},
         text(keys),
         spoil);
}

void talk::login_response(pdu::login_stage stage, std::string_view keys, bool transit, bool continued) {
    const bool last = stage == pdu::login_stage::operational_negotiation;
    pdu::login_response response{.transit = transit,
                                 .continued = continued,
                                 .current_stage = stage,
                                 .isid = the_isid,
                                 .initiator_task_tag = login_tag};
    if (transit)
        response.next_stage = last ? pdu::login_stage::full_feature_phase : pdu::login_stage::operational_negotiation;
    if (transit && last) response.tsih = pdu::tsih{1};
    answer(response, text(keys));
}

void talk::security_stage(std::string_view keys) {
    open();
    login_request(pdu::login_stage::security_negotiation, keys);
    login_response(pdu::login_stage::security_negotiation, "AuthMethod=None;TargetPortalGroupTag=1");
}

void talk::log_in(std::string_view offers, std::string_view answers, std::string_view first) {
    security_stage(first);
    login_request(pdu::login_stage::operational_negotiation, offers);
    login_response(pdu::login_stage::operational_negotiation, answers);
}

void talk::add_connection(std::uint32_t number, std::uint16_t its_cid) {
    connection = number;
    cid = its_cid;
    tsih = pdu::tsih{1};
    stat_sn = 5000;
    log_in("", "", "InitiatorName=iqn.2026-11.org.persiscsi:i;TargetName=iqn.2026-11.org.persiscsi:t;AuthMethod=None");
}

void talk::command(std::uint32_t tag, bool write, std::uint32_t size, bytes data, const edit& spoil) {
    send(pdu::scsi_command{.final = true,
                           .read = !write,
                           .write = write,
                           .lun = pdu::lun_id{7},
                           .initiator_task_tag = pdu::task_tag{tag},
                           .expected_data_transfer_length = size},
         std::move(data),
         spoil);
}

void talk::data_out(std::uint32_t tag,
                    std::uint32_t ttt,
                    std::uint32_t sn,
                    std::uint32_t offset,
                    std::size_t size,
                    bool final,
                    const edit& spoil) {
    send(pdu::data_out{.final = final,
                       .lun = pdu::lun_id{ttt == no_tag ? 0U : 7U},
                       .initiator_task_tag = pdu::task_tag{tag},
                       .target_transfer_tag = pdu::transfer_tag{ttt},
                       .data_sn = {sn},
                       .buffer_offset = offset},
         bytes(size),
         spoil);
}

void talk::r2t(std::uint32_t tag, std::uint32_t ttt, std::uint32_t sn, std::uint32_t offset, std::uint32_t size) {
    answer(pdu::r2t{.lun = pdu::lun_id{7},
                    .initiator_task_tag = pdu::task_tag{tag},
                    .target_transfer_tag = pdu::transfer_tag{ttt},
                    .r2t_sn = {sn},
                    .buffer_offset = offset,
                    .desired_data_transfer_length = size},
           {},
           false);
}

void talk::data_in(std::uint32_t tag, std::uint32_t sn, std::uint32_t offset, std::size_t size, bool acknowledge) {
    answer(pdu::data_in{.acknowledge = acknowledge,
                        .lun = pdu::lun_id{acknowledge ? 7U : 0U},
                        .initiator_task_tag = pdu::task_tag{tag},
                        .target_transfer_tag = acknowledge ? pdu::transfer_tag{0x55} : pdu::transfer_tag::reserved,
                        .data_sn = {sn},
                        .buffer_offset = offset},
           bytes(size),
           false);
}

}  // namespace persiscsi::conformance
