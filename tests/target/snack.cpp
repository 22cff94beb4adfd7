// SPDX-License-Identifier: Apache-2.0
// SNACK Requests (RFC 7143 §11.16).
#include "tests/target/full_feature.hpp"
#include "tests/target/full_feature_number.hpp"

#include <algorithm>

namespace persiscsi::target {
namespace {

std::string number_text(auto value) {
    return std::to_string(static_cast<std::uint64_t>(value));
}

}  // namespace

void full_feature::on_snack(const arrived_pdu& pdu, const received_fault& fault) {
    const auto request = pdu::decode<pdu::snack_request>(pdu.bhs);
    check_exp_stat_sn(request.exp_stat_sn);
    wire_.count_snack(request.type);
    if (fault.reject) return reject_pdu(*fault.reject);
    if (fault.ignore) return;
    if (!recovers()) return refuse_snack("at ErrorRecoveryLevel 0", pdu::reject_reason::snack_reject);
    switch (request.type) {
        case pdu::snack_type::data_or_r2t:
            return on_data_snack(request);
        case pdu::snack_type::status:
            return on_status_snack(request);
        case pdu::snack_type::data_ack:
            return on_data_ack(request);
        case pdu::snack_type::r_data:
            return on_r_data_snack(request);
    }
    refuse_snack("type " + number_text(request.type) + " is reserved", pdu::reject_reason::invalid_pdu_field);
}

void full_feature::refuse_snack(const std::string& why, pdu::reject_reason reason, std::uint32_t next_sn) {
    wire_.violation("SNACK Request: " + why, false);
    pdu::reject answer;
    answer.reason = reason;
    answer.data_sn.value = next_sn;
    send_numbered(answer, {current_.begin(), current_.end()});
}

void full_feature::on_data_snack(const pdu::snack_request& request) {
    using enum pdu::reject_reason;
    auto* task = find_task(static_cast<std::uint32_t>(request.initiator_task_tag));
    if (!task) return refuse_snack("ITT " + number_text(request.initiator_task_tag) + " names no task", protocol_error);
    if (request.target_transfer_tag != pdu::transfer_tag::reserved)
        return refuse_snack("TTT of a Data SNACK is not reserved", invalid_pdu_field);
    const bool has_data = std::any_of(
        task->input.begin(), task->input.end(), [](const auto& each) { return each.what == input_pdu::kind::data_in; });
    if (has_data && task->segment_limit != agreed_.initiator_max_recv)
        return refuse_snack("MaxRecvDataSegmentLength changed, R-Data is due", protocol_error, task->next_input_sn);
    const bool all = request.beg_run == 0 && request.run_length == 0;
    const auto first = all ? task->acknowledged : request.beg_run;
    const auto end =
        request.run_length == 0 ? task->next_input_sn : std::uint64_t{request.beg_run} + request.run_length;
    if (first < task->acknowledged || end > task->next_input_sn || (first >= end && !all))
        return refuse_snack("DataSN " + number_text(first) + " to " + number_text(end) + ", unacknowledged are " +
                                number_text(task->acknowledged) + " to " + number_text(task->next_input_sn),
                            protocol_error,
                            task->next_input_sn);
    resends_.push_back({tag_of(*task), task->serial, first, static_cast<std::uint32_t>(end)});
    pump();
}

void full_feature::on_status_snack(const pdu::snack_request& request) {
    using enum pdu::reject_reason;
    if (request.initiator_task_tag != pdu::task_tag::reserved ||
        request.target_transfer_tag != pdu::transfer_tag::reserved)
        return refuse_snack("ITT or TTT of a Status SNACK is not reserved", invalid_pdu_field);
    std::vector<sent_statuses::entry> wanted;
    if (request.run_length == 0) {
        const pdu::status_sn first{request.beg_run};
        for (const auto& each : statuses_.all())
            if (request.beg_run == 0 || !each.stat_sn.precedes(first)) wanted.push_back(each);
    } else if (request.run_length <= statuses_.all().size()) {
        for (std::uint32_t i = 0; i < request.run_length; ++i)
            if (const auto* found = statuses_.find(pdu::status_sn{request.beg_run}.plus(i))) wanted.push_back(*found);
    }
    const bool nothing_asked = request.beg_run == 0 && request.run_length == 0;
    if ((wanted.empty() && !nothing_asked) || (request.run_length > 0 && wanted.size() != request.run_length))
        return refuse_snack("StatSN " + number_text(request.beg_run) + ", " + number_text(request.run_length) +
                                " of them, are not all unacknowledged",
                            protocol_error);
    for (const auto& each : wanted) resend_status(each);
}

void full_feature::on_data_ack(const pdu::snack_request& request) {
    using enum pdu::reject_reason;
    if (request.initiator_task_tag != pdu::task_tag::reserved || request.run_length != 0)
        return refuse_snack("ITT or RunLength of a DataACK is not reserved", invalid_data_ack);
    const auto asked_for = [&](const scsi_task& task) {
        return task.command.lun == request.lun &&
               std::any_of(task.input.begin(), task.input.end(), [&](const input_pdu& each) {
                   return each.acknowledge && each.tag == request.target_transfer_tag;
               });
    };
    for (auto* tasks : {&tasks_, &concluded_})
        for (auto& [tag, task] : *tasks) {
            if (!asked_for(task)) continue;
            if (request.beg_run <= task.acknowledged || request.beg_run > task.next_input_sn) break;
            return acknowledge_data(task, request.beg_run);
        }
    refuse_snack("DataACK with BegRun " + number_text(request.beg_run) + " and TTT " +
                     number_text(request.target_transfer_tag) + " answers no A bit",
                 invalid_data_ack);
}

void full_feature::on_r_data_snack(const pdu::snack_request& request) {
    using enum pdu::reject_reason;
    const auto tag = static_cast<std::uint32_t>(request.initiator_task_tag);
    auto* task = find_task(tag);
    if (!task) return refuse_snack("ITT " + number_text(tag) + " names no task", protocol_error);
    const auto value = static_cast<pdu::snack_tag>(request.target_transfer_tag);
    if (value == pdu::snack_tag::none || request.target_transfer_tag == pdu::transfer_tag::reserved ||
        value == task->snack_tag || request.beg_run != 0 || request.run_length != 0)
        return refuse_snack(
            "R-Data with SNACK Tag " + number_text(value) + " and BegRun " + number_text(request.beg_run),
            invalid_pdu_field);
    task->snack_tag = value;
    if (task->next_input_sn == 0) return;  // nothing was sent yet
    if (task->concluded) tasks_.insert(concluded_.extract(tag));
    std::erase_if(resends_, [&](const auto& each) { return each.tag == tag; });
    rewind(*task);
    std::erase(sending_, tag);
    if (!task->has_input_left()) return task->concluded ? respond(*task) : void();
    sending_.push_back(tag);
    pump();
}

}  // namespace persiscsi::target
