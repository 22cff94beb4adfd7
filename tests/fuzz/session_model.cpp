// SPDX-License-Identifier: Apache-2.0
#include "tests/fuzz/session_model.hpp"

#include "initiator/login/operational_keys.hpp"
#include "initiator/login/text_values.hpp"
#include "pdu/ahs.hpp"
#include "pdu/print.hpp"
#include "pdu/text.hpp"

namespace persiscsi::fuzz {
namespace {

constexpr std::size_t longest_history = 64;
constexpr std::uint32_t segment = 1024;

std::uint32_t key_of(pdu::task_tag tag) {
    return static_cast<std::uint32_t>(tag);
}

template <class Pdu>
said made(const Pdu& pdu, bytes data = {}, bool takes_stat_sn = true) {
    return {pdu::encode(pdu), std::move(data), takes_stat_sn};
}

}  // namespace

void well_meaning_target::opened(connection_number which) {
    auto& line = lines_[which];
    line = {};
    line.up = true;
}

void well_meaning_target::closed(connection_number which) {
    lines_[which].up = false;
    lines_[which].backlog.clear();
}

void well_meaning_target::hear(connection_number which, std::span<const std::byte> wire) {
    auto& reader = lines_[which].reader;
    while (!wire.empty()) {
        const auto space = reader.space();
        const auto into = space[0].empty() ? space[1] : space[0];
        const auto size = std::min(into.size(), wire.size());
        std::copy_n(wire.begin(), size, into.begin());
        wire = wire.subspan(size);
        reader.filled(size);
        for (auto step = reader.next(); step != pdu::pdu_reader::step::need_bytes; step = reader.next()) {
            must(step == pdu::pdu_reader::step::header || step == pdu::pdu_reader::step::pdu, "our PDUs can be read");
            if (step == pdu::pdu_reader::step::header) continue;
            lines_[which].last_heard = reader.header();
            auto pdu = pdu::decode_any(reader.header());
            trace([&] { return std::to_string(which) + " <- " + pdu::print(reader.header()); });
            must(pdu.has_value() && static_cast<unsigned>(pdu::opcode_of(reader.header())) < 0x20, "our PDUs are ours");
            if (const auto* command = std::get_if<pdu::scsi_command>(&*pdu)) {
                const auto ahs = pdu::parse_ahs(reader.ahs());
                must(!ahs.error, "our AHS can be read");
                const auto size_in = ahs.headers.bidirectional_read_expected_data_transfer_length;
                const auto expected = command->expected_data_transfer_length;
                tasks_[key_of(command->initiator_task_tag)] = {
                    .command = *command,
                    .on = which,
                    .size_in = command->write ? size_in.value_or(0) : expected,
                    .size_out = command->write ? expected : 0,
                };
            }
            take(which, {std::move(*pdu), {reader.data().begin(), reader.data().end()}});
        }
    }
}

void well_meaning_target::take(connection_number which, heard pdu) {
    if (const auto* command = std::get_if<pdu::scsi_command>(&pdu.pdu)) {
        auto& task = tasks_.at(key_of(command->initiator_task_tag));
        task.received = task.asked = static_cast<std::uint32_t>(pdu.data.size());
        if (!command->final) task.asked = std::min(task.size_out, burst);
        if (!command->immediate && exp_cmd_sn_ == command->cmd_sn) exp_cmd_sn_ = exp_cmd_sn_.next();
        return;
    }
    if (const auto* data = std::get_if<pdu::data_out>(&pdu.pdu)) return take_data(*data, pdu.data.size());
    if (const auto* text = std::get_if<pdu::text_request>(&pdu.pdu))
        if (!text->immediate && exp_cmd_sn_ == text->cmd_sn) exp_cmd_sn_ = exp_cmd_sn_.next();
    if (const auto* nop = std::get_if<pdu::nop_out>(&pdu.pdu))
        if (nop->initiator_task_tag == pdu::task_tag::reserved) return;  // the answer to our own ping
    auto& requests = lines_[which].requests;
    requests.push_back(std::move(pdu));
    if (requests.size() > longest_history) requests.pop_front();
}

void well_meaning_target::take_data(const pdu::data_out& data, std::size_t size) {
    const auto found = tasks_.find(key_of(data.initiator_task_tag));
    if (found == tasks_.end()) return;
    auto& task = found->second;
    must(data.buffer_offset <= task.size_out && size <= task.size_out - data.buffer_offset,
         "Data-Out keeps to its task");
    if (data.buffer_offset <= task.received)
        task.received = std::max(task.received, data.buffer_offset + static_cast<std::uint32_t>(size));
}

std::optional<said> well_meaning_target::serve(known_task& task) {
    const auto tag = task.command.initiator_task_tag;
    if (task.received < task.asked) return std::nullopt;
    if (task.asked < task.size_out) {
        const auto length = std::min(task.size_out - task.asked, burst);
        const auto offset = std::exchange(task.asked, task.asked + length);
        return made(pdu::r2t{.lun = task.command.lun,
                             .initiator_task_tag = tag,
                             .target_transfer_tag = pdu::transfer_tag{++last_transfer_tag_ & 0xffffU},
                             .stat_sn = {},
                             .exp_cmd_sn = {},
                             .max_cmd_sn = {},
                             .r2t_sn = std::exchange(task.next, task.next.next()),
                             .buffer_offset = offset,
                             .desired_data_transfer_length = length},
                    {},
                    false);
    }
    if (task.sent < task.size_in) {
        const auto length = std::min(task.size_in - task.sent, segment);
        pdu::data_in data{.initiator_task_tag = tag,
                          .data_sn = std::exchange(task.next, task.next.next()),
                          .buffer_offset = std::exchange(task.sent, task.sent + length)};
        data.final = task.sent == task.size_in || task.sent % burst == 0;
        return made(data, bytes(length), false);
    }
    return made(pdu::scsi_response{.initiator_task_tag = tag, .exp_data_sn = task.next});
}

std::optional<said> well_meaning_target::answer(connection_number which) {
    if (!again_.empty()) {
        auto next = std::move(again_.front());
        again_.pop_front();
        return next;
    }
    auto& requests = lines_[which].requests;
    if (requests.empty()) return std::nullopt;
    const auto request = std::move(requests.front());
    requests.pop_front();
    if (std::holds_alternative<pdu::login_request>(request.pdu)) return answer_login(which, request);
    if (const auto* snack = std::get_if<pdu::snack_request>(&request.pdu)) return answer_snack(which, *snack);
    if (const auto* logout = std::get_if<pdu::logout_request>(&request.pdu)) return answer_logout(*logout);
    if (const auto* asked = std::get_if<pdu::task_management_request>(&request.pdu))
        return answer_management(which, *asked);
    if (const auto* nop = std::get_if<pdu::nop_out>(&request.pdu))
        return made(pdu::nop_in{.initiator_task_tag = nop->initiator_task_tag});
    if (const auto* text = std::get_if<pdu::text_request>(&request.pdu))
        return made(pdu::text_response{.final = true, .initiator_task_tag = text->initiator_task_tag},
                    pdu::encode_text({{"TargetName", "iqn.2024-01.example:disk1"}}));
    return std::nullopt;
}

std::optional<said> well_meaning_target::next(connection_number& on, std::uint32_t which_task) {
    if (auto one = answer(on)) return one;
    if (tasks_.empty()) return std::nullopt;
    auto chosen = tasks_.begin();
    std::advance(chosen, which_task % tasks_.size());
    on = chosen->second.on;
    auto one = serve(chosen->second);
    if (one && pdu::opcode_of(one->bhs) == pdu::opcode::scsi_response) tasks_.erase(chosen);
    return one;
}

said well_meaning_target::answer_login(connection_number which, const heard& request) {
    const auto& login = std::get<pdu::login_request>(request.pdu);
    const bool leading = login.tsih == pdu::tsih::fresh;
    const bool last = login.current_stage == pdu::login_stage::operational_negotiation && login.transit;
    if (leading) {
        exp_cmd_sn_ = login.cmd_sn;
        tasks_.clear();
    }
    std::erase_if(tasks_, [&](const auto& one) { return one.second.on == which; });
    pdu::text_keys keys;
    if (login.current_stage == pdu::login_stage::security_negotiation)
        keys = {{"AuthMethod", "None"}, {"TargetPortalGroupTag", "1"}};
    else
        for (const auto& [key, value] : pdu::parse_text(request.data).keys) {
            const auto own = pdu::find_key(login_answers, key);
            keys.push_back({key, std::string(own ? *own : login::split_list(value).front())});
        }
    return made(pdu::login_response{.transit = login.transit,
                                    .current_stage = login.current_stage,
                                    .next_stage = login.next_stage,
                                    .isid = login.isid,
                                    .tsih = !leading || last ? pdu::tsih{1} : pdu::tsih::fresh,
                                    .initiator_task_tag = login.initiator_task_tag},
                pdu::encode_text(keys));
}

said well_meaning_target::answer_snack(connection_number which, const pdu::snack_request& snack) {
    for (const auto& one : lines_[which].history) {
        const auto data = pdu::decode<pdu::data_in>(one.bhs);  // the numbers have one place in all PDUs of a target
        const bool status = snack.type == pdu::snack_type::status;
        const auto number = status ? data.stat_sn.value : data.data_sn.value;
        const bool asked = number - snack.beg_run < snack.run_length || snack.run_length == 0;
        const bool same = status ? one.takes_stat_sn : data.initiator_task_tag == snack.initiator_task_tag;
        if (asked && same && again_.size() < longest_history) again_.push_back(one);
    }
    if (again_.empty() || snack.type == pdu::snack_type::data_ack)
        return made(pdu::nop_in{.initiator_task_tag = pdu::task_tag::reserved}, {}, false);
    auto first = std::move(again_.front());
    again_.pop_front();
    return first;
}

said well_meaning_target::answer_management(connection_number which, const pdu::task_management_request& request) {
    auto outcome = pdu::task_management_outcome::function_complete;
    const auto found = tasks_.find(key_of(request.referenced_task_tag));
    if (request.function == pdu::task_management_function::task_reassign) {
        if (found == tasks_.end() || found->second.size_out > 0) {
            outcome = pdu::task_management_outcome::task_does_not_exist;
        } else {  // of a read everything that was not acknowledged comes again
            found->second.on = which;
            found->second.sent = 0;
            found->second.next = request.exp_data_sn;
            if (request.exp_data_sn != pdu::data_sn{}) outcome = pdu::task_management_outcome::task_does_not_exist;
        }
    } else if (request.function == pdu::task_management_function::abort_task && found != tasks_.end()) {
        tasks_.erase(found);
    } else if (request.function != pdu::task_management_function::abort_task) {
        tasks_.clear();
    }
    return made(pdu::task_management_response{.response = outcome, .initiator_task_tag = request.initiator_task_tag});
}

said well_meaning_target::answer_logout(const pdu::logout_request& request) {
    if (request.reason == pdu::logout_reason::close_session) tasks_.clear();
    return made(pdu::logout_response{.initiator_task_tag = request.initiator_task_tag});
}

bytes well_meaning_target::wire_of(connection_number which, said& one) {
    auto& line = lines_[which];
    const bool fresh = pdu::load_be<4>(one.bhs.data() + 24) == 0;  // a PDU that is sent again keeps its numbers
    const auto opcode = pdu::opcode_of(one.bhs);
    if (fresh) pdu::store_be<4>(one.bhs.data() + 24, line.stat_sn.value);
    if (fresh && one.takes_stat_sn) line.stat_sn = line.stat_sn.next();
    pdu::store_be<4>(one.bhs.data() + 28, exp_cmd_sn_.value);
    pdu::store_be<4>(one.bhs.data() + 32, exp_cmd_sn_.value + window - 1);
    if (opcode == pdu::opcode::data_in)
        for (std::size_t i = 0; i < one.data.size(); ++i)
            one.data[i] = byte_at(pdu::load_be<4>(one.bhs.data() + 40) + i);
    line.history.push_back(one);
    if (line.history.size() > longest_history) line.history.pop_front();
    const pdu::frame frame(one.bhs, one.data, line.digests);
    trace([&] { return std::to_string(which) + " -> " + pdu::print(one.bhs); });
    bytes wire;
    for (const auto part : {frame.head(), frame.data(), frame.tail()})
        wire.insert(wire.end(), part.begin(), part.end());
    return wire;
}

}  // namespace persiscsi::fuzz
