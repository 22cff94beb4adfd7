// SPDX-License-Identifier: Apache-2.0
#include "tests/target/fault_script.hpp"

#include "tests/target/fault_names.hpp"
#include "tests/target/fault_play.hpp"

#include <optional>

namespace persiscsi::target {
namespace {

std::string hex(std::uint8_t value) {
    constexpr std::string_view digits = "0123456789abcdef";
    return {digits[value >> 4U], digits[value & 15U]};
}

struct action_printer {
    std::string operator()(const fault::drop_connection&) const { return "drop_connection"; }
    std::string operator()(const fault::flip_bit& a) const { return "flip_bit(" + name_of(place_names, a.where) + ")"; }
    std::string operator()(const fault::delay& a) const { return "delay(" + std::to_string(a.time.count()) + ")"; }
    std::string operator()(const fault::ignore&) const { return "ignore"; }
    std::string operator()(const fault::status& a) const {
        const auto sense = "," + hex(a.sense_key) + "," + hex(a.asc) + "," + hex(a.ascq);
        return "status(" + name_of(status_names, a.code) + (a.code == 0x02 ? sense : "") + ")";
    }
    std::string operator()(const fault::close_listener& a) const {
        return "close_listener(" + std::to_string(a.time.count()) + ")";
    }
    std::string operator()(const fault::freeze&) const { return "freeze(max_cmd_sn)"; }
    std::string operator()(const fault::async& a) const {
        const std::uint32_t more[] = {a.parameter1, a.parameter2, a.parameter3, a.vendor_code};
        std::string text = "async(" + std::to_string(a.event);
        if (a != fault::async{.event = a.event})
            for (const auto each : more) text += "," + std::to_string(each);
        return text + ")";
    }
    std::string operator()(const fault::tmf_response& a) const {
        return "tmf_response(" + std::to_string(a.code) + ")";
    }
    std::string operator()(const fault::flood& a) const {
        return "flood(" + name_of(flood_names, a.what) + "," + std::to_string(a.count) + ")";
    }
    std::string operator()(const fault::endless_text&) const { return "endless_text"; }
    std::string operator()(const fault::trickle& a) const { return "trickle(" + std::to_string(a.time.count()) + ")"; }
    std::string operator()(const fault::reset&) const { return "reset"; }
    std::string operator()(const fault::cut&) const { return "cut"; }
    std::string operator()(const fault::duplicate&) const { return "duplicate"; }
    std::string operator()(const fault::later&) const { return "later"; }
    std::string operator()(const fault::reject& a) const { return "reject(" + std::to_string(a.reason) + ")"; }
    std::string operator()(const fault::wrong_field& a) const {
        return "wrong_field(" + name_of(field_names, a.field) + ")";
    }
    std::string operator()(const fault::short_data& a) const { return "short_data(" + std::to_string(a.bytes) + ")"; }
};

}  // namespace

bool is_sent(watched what) {
    return (what >= watched::nop_in && what <= watched::reject) || what == watched::sent;
}

std::optional<watched> watched_of(pdu::opcode opcode) {
    constexpr named<pdu::opcode> opcodes[] = {
        {"nop_out", pdu::opcode::nop_out},
        {"scsi_command", pdu::opcode::scsi_command},
        {"task_management_request", pdu::opcode::task_management_request},
        {"login_request", pdu::opcode::login_request},
        {"text_request", pdu::opcode::text_request},
        {"data_out", pdu::opcode::data_out},
        {"logout_request", pdu::opcode::logout_request},
        {"snack_request", pdu::opcode::snack_request},
        {"nop_in", pdu::opcode::nop_in},
        {"scsi_response", pdu::opcode::scsi_response},
        {"task_management_response", pdu::opcode::task_management_response},
        {"login_response", pdu::opcode::login_response},
        {"text_response", pdu::opcode::text_response},
        {"data_in", pdu::opcode::data_in},
        {"logout_response", pdu::opcode::logout_response},
        {"r2t", pdu::opcode::r2t},
        {"async_message", pdu::opcode::async_message},
        {"reject", pdu::opcode::reject},
    };
    for (const auto& row : opcodes)
        if (row.value == opcode) return *find(watched_names, row.name);
    return std::nullopt;
}

std::string to_string(const trigger& when) {
    const auto number = std::to_string(when.n);
    const auto at = when.cid == 0 ? "" : " at cid(" + std::to_string(when.cid) + ")";
    switch (when.when) {
        case trigger::kind::on:
            return "on " + name_of(watched_names, when.what) + "(" + number + ")" + at;
        case trigger::kind::every:
            return "every " + name_of(watched_names, when.what) + "(" + number + ")" + at;
        case trigger::kind::always:
            break;
    }
    return "always" + at;
}

std::string to_string(const fault_step& step) {
    return to_string(step.when) + ": " + std::visit(action_printer{}, step.what);
}

std::string fault_script_grammar() {
    std::string text =
        "A step of a fault script reads TRIGGER[ at cid(N)]: ACTION; '#' begins a comment.\n"
        "TRIGGER: on PDU(N), every PDU(N), every(N), always, every millisecond(N)\n"
        "PDU:";
    for (const auto& row : watched_names)
        if (row.value != watched::millisecond) text += " " + std::string(row.name);
    text += "\nACTION:";
    for (const auto example : action_examples) text += "\n  " + std::string(example);
    return text;
}

std::string to_string(const fault_script& script) {
    std::string text;
    for (const auto& step : script) text += to_string(step) + "\n";
    return text;
}

}  // namespace persiscsi::target
