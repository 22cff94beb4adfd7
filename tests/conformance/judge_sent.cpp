// SPDX-License-Identifier: Apache-2.0
// What holds for every PDU of an initiator: frame, reserved bits, numbers, tags.
#include "tests/conformance/judge.hpp"

#include <algorithm>
#include <utility>

namespace persiscsi::conformance {
namespace {

using pdu::opcode;

/// Bits of a header that the figure of its PDU leaves reserved, and those it fixes to 1 (RFC 7143 §11.3 to §11.18).
struct figure {
    opcode of;
    rule reserved;
    std::array<std::uint8_t, pdu::bhs_size> zero;
    std::uint8_t ones0 = 0, ones1 = 0;  ///< of the bytes 0 and 1
};

struct byte_range {
    std::size_t first, last;
    std::uint8_t mask = 0xff;
};

constexpr figure make_figure(
    opcode of, rule reserved, std::initializer_list<byte_range> ranges, std::uint8_t ones0, std::uint8_t ones1) {
    figure made{of, reserved, {}, ones0, ones1};
    made.zero[0] = 0x80;
    for (const auto& range : ranges)
        for (auto i = range.first; i <= range.last; ++i)
            made.zero[i] = static_cast<std::uint8_t>(made.zero[i] | range.mask);
    return made;
}

// clang-format off
constexpr figure figures[] = {
    make_figure(opcode::nop_out, rule::reserved_in_nop_out, {{1, 1, 0x7f}, {2, 3}, {32, 47}}, 0, 0x80),
    make_figure(opcode::scsi_command, rule::reserved_in_scsi_command, {{1, 1, 0x18}, {2, 3}}, 0, 0),
    make_figure(opcode::task_management_request, rule::reserved_in_task_management, {{2, 3}, {40, 47}}, 0, 0x80),
    make_figure(opcode::login_request, rule::reserved_in_login_request, {{1, 1, 0x30}, {22, 23}, {32, 47}}, 0x40, 0),
    make_figure(opcode::text_request, rule::reserved_in_text_request, {{1, 1, 0x3f}, {2, 3}, {32, 47}}, 0, 0),
    make_figure(opcode::data_out, rule::reserved_in_data_out, {{0, 0, 0x40}, {1, 1, 0x7f}, {2, 3}, {24, 27}, {32, 35}, {44, 47}}, 0, 0),
    make_figure(opcode::logout_request, rule::reserved_in_logout_request, {{2, 3}, {8, 15}, {22, 23}, {32, 47}}, 0, 0x80),
    make_figure(opcode::snack_request, rule::reserved_in_snack_request, {{0, 0, 0x40}, {1, 1, 0x70}, {2, 3}, {24, 27}, {32, 39}}, 0, 0x80),
};
// clang-format on

/// Fields whose being reserved depends on another field of the same PDU.
bool has_conditional_rubbish(const raw_pdu& pdu) {
    switch (pdu.opcode()) {
        case opcode::nop_out:
        case opcode::text_request:
        case opcode::data_out:
            return pdu.ttt() == no_tag && pdu.lun() != 0;
        case opcode::task_management_request: {
            const auto function = pdu.byte(1) & 0x7fU;
            return (function >= 6 && function <= 8 && pdu.lun() != 0) || (function != 1 && pdu.word(32) != 0);
        }
        case opcode::logout_request:
            return (pdu.byte(1) & 0x7fU) == 0 && pdu.number<2>(20) != 0;
        case opcode::snack_request:
            return (pdu.byte(1) & 0x0fU) == 1 && pdu.lun() != 0;
        default:
            return false;
    }
}

bool has_no_data(opcode of) {
    return of == opcode::task_management_request || of == opcode::logout_request || of == opcode::snack_request;
}

/// Requests that take a CmdSN; Data-Out and SNACK have none.
bool is_numbered(opcode of) {
    return of != opcode::data_out && of != opcode::snack_request && of != opcode::login_request;
}

}  // namespace

void judge::on_sent(const raw_pdu& pdu) {
    auto& connection = at(now_at_);
    check_frame(pdu);
    if (connection.refused) return broken(rule::nothing_follows_a_login_reject, "the login was not accepted");
    const bool login = pdu.opcode() == opcode::login_request;
    if (login != (connection.phase == connection_phase::login))
        return broken(rule::login_comes_first_and_once,
                      login ? "a login in Full Feature Phase" : "before Full Feature Phase");
    if (login) return on_login_request(pdu);
    const bool answers = pdu.opcode() == opcode::nop_out && pdu.itt() == no_tag;
    if (connection.logout_sent && !answers && pdu.opcode() != opcode::data_out)
        broken(rule::nothing_new_after_logout, "");
    check_numbers(pdu);
    switch (pdu.opcode()) {
        case opcode::nop_out:
            return on_nop_out(pdu);
        case opcode::scsi_command:
            return on_command(pdu);
        case opcode::task_management_request:
            return on_task_management(pdu);
        case opcode::text_request:
            return on_text_request(pdu);
        case opcode::data_out:
            return on_data_out(pdu);
        case opcode::logout_request:
            return on_logout_request(pdu);
        case opcode::snack_request:
            return on_snack(pdu);
        default:
            return;
    }
}

void judge::check_frame(const raw_pdu& pdu) {
    check_reserved(pdu);
    check_ahs(pdu);
    if (pdu.header_digest_wrong) broken(rule::header_digest_is_right, "");
    if (pdu.data_digest_wrong) broken(rule::data_digest_is_right, "");
    if (std::any_of(pdu.padding.begin(), pdu.padding.end(), [](auto byte) { return byte != std::byte{0}; }))
        broken(rule::padding_is_zero, "");
    if (has_no_data(pdu.opcode()) && !pdu.data.empty()) broken(rule::no_data_where_none_belongs, "");
    if (pdu.size() > at(now_at_).target_segment)
        broken(rule::data_segment_fits_the_target, std::to_string(pdu.size()) + " bytes");
}

void judge::check_reserved(const raw_pdu& pdu) {
    const auto* of =
        std::find_if(std::begin(figures), std::end(figures), [&](const auto& one) { return one.of == pdu.opcode(); });
    if (of == std::end(figures)) return broken(rule::opcode_is_an_initiators, "");
    bool rubbish = (pdu.byte(0) & of->ones0) != of->ones0 || (pdu.byte(1) & of->ones1) != of->ones1;
    for (std::size_t i = 0; i < pdu::bhs_size; ++i) rubbish = rubbish || (pdu.byte(i) & of->zero[i]) != 0;
    if (rubbish || has_conditional_rubbish(pdu)) broken(of->reserved, "");
}

void judge::check_ahs(const raw_pdu& pdu) {
    if (pdu.ahs.empty()) return;
    if (pdu.opcode() != opcode::scsi_command) return broken(rule::ahs_only_in_scsi_commands, "");
    bool right = true;
    for (std::size_t place = 0; place < pdu.ahs.size() && right;) {
        const auto length = static_cast<std::size_t>(pdu::load_be<2>(pdu.ahs.data() + place));
        const auto code = std::to_integer<unsigned>(pdu.ahs[place + 2]);
        const auto whole = (length + 3 + 3) / 4 * 4;
        right = pdu.ahs[place + 3] == std::byte{0} && whole <= pdu.ahs.size() - place &&
                ((code == 1 && length >= 2) || (code == 2 && length == 5));
        for (auto i = place + 3 + length; right && i < place + whole; ++i) right = pdu.ahs[i] == std::byte{0};
        place += whole;
    }
    if (!right) broken(rule::ahs_is_well_formed, "");
}

void judge::check_numbers(const raw_pdu& pdu) {
    if (is_numbered(pdu.opcode())) check_cmd_sn(pdu);
    check_exp_stat_sn(pdu);
}

void judge::check_cmd_sn(const raw_pdu& pdu) {
    auto& connection = at(now_at_);
    const auto number = pdu.word(24);
    const auto next = session_.next_cmd_sn.value_or(number);
    const bool alone = std::count_if(connections_.begin(), connections_.end(), [](const auto& one) {
                           return one.second.phase == connection_phase::full_feature;
                       }) < 2;
    const auto told = "CmdSN " + std::to_string(number) + ", the next is " + std::to_string(next);
    if (pdu.immediate()) {
        // Where several connections send, another one's PDU of the same moment may be seen first.
        if (number != next && (alone || ahead(number, next) < 0)) broken(rule::immediate_carries_current_cmd_sn, told);
        return;
    }
    const auto* task = find(pdu.itt());
    const bool repeats = task != nullptr && task->kind == pdu.opcode() && task->cmd_sn == number && !task->immediate;
    if (repeats && !task->rejected) return;  // a retry
    if (ahead(session_.exp_cmd_sn, number) < 0 || ahead(number, session_.max_cmd_sn) < 0)
        broken(rule::cmd_sn_lies_in_the_window,
               told + ", the window " + std::to_string(session_.exp_cmd_sn) + " to " +
                   std::to_string(session_.max_cmd_sn));
    const bool refused = session_.refused.erase(number) != 0;
    const bool fills = session_.holes.erase(number) != 0 || refused;
    if (!alone && !refused && connection.last_cmd_sn && ahead(*connection.last_cmd_sn, number) <= 0)
        broken(rule::cmd_sn_increases_on_each_connection, told);
    else if (!fills && (alone ? number != next : ahead(next, number) < 0))
        broken(rule::cmd_sn_counts_up, told);
    for (auto hole = next; !alone && ahead(hole, number) > 0; ++hole) session_.holes.insert(hole);
    if (!refused) connection.last_cmd_sn = number;
    if (ahead(next, number) >= 0) session_.next_cmd_sn = number + 1;
}

judged_connection* judge::with_cid(std::uint16_t cid) {
    const auto found = std::find_if(connections_.begin(), connections_.end(), [&](const auto& one) {
        return one.second.first_login && one.second.cid() == cid;
    });
    return found == connections_.end() ? nullptr : &found->second;
}

void judge::check_exp_stat_sn(const raw_pdu& pdu) {
    // RFC 7143 §11.14.4: a Logout acknowledges for the connection that it closes.
    const bool closes_one = pdu.opcode() == opcode::logout_request && (pdu.byte(1) & 0x7fU) != 0;
    auto* about = closes_one ? with_cid(static_cast<std::uint16_t>(pdu.number<2>(20))) : &at(now_at_);
    if (about == nullptr || !about->statuses) return;
    auto& connection = *about;
    const auto number = pdu.word(28);
    const auto came = connection.statuses->first_missing;
    auto floor = connection.exp_stat_sn_floor;
    const auto told = "ExpStatSN " + std::to_string(number) + ", came up to " + std::to_string(came);
    for (const auto& [itt, task] : session_.tasks) {
        if (!task.status_sn || task.connection != now_at_) continue;
        if (ahead(*task.status_sn, number) > 0) broken(rule::status_waits_for_its_data, told);
        if (ahead(*task.status_sn, floor) > 0) floor = *task.status_sn;
    }
    if (ahead(came, number) > 0) broken(rule::exp_stat_sn_claims_only_what_came, told);
    if (ahead(floor, number) < 0) broken(rule::exp_stat_sn_tells_what_came, told);
    connection.last_exp_stat_sn = number;
    // RFC 7143 §11.7.2: the status acknowledges the data with it.
    std::erase_if(connection.acks,
                  [&](const due_ack& ack) { return ack.due && find(ack.itt) == nullptr && number == came; });
}

judged_task* judge::open_task(const raw_pdu& pdu) {
    if (pdu.itt() == no_tag) {
        broken(rule::itt_is_not_the_reserved_one, "");
        return nullptr;
    }
    if (const auto* living = find(pdu.itt()); living != nullptr && !living->rejected) {
        broken(rule::itt_is_unique_while_in_use, "");
        return nullptr;
    }
    auto& task = session_.tasks[pdu.itt()];
    task = {};
    task.kind = pdu.opcode();
    task.connection = now_at_;
    task.request = pdu;
    task.immediate = pdu.immediate();
    task.cmd_sn = pdu.word(24);
    return &task;
}

}  // namespace persiscsi::conformance
