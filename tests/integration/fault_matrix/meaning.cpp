// SPDX-License-Identifier: Apache-2.0
#include "tests/integration/fault_matrix/meaning.hpp"

#include <variant>

namespace persiscsi::test {
namespace {

using target::watched;
namespace fault = target::fault;

/// The rule for each action; an empty text: it has a meaning.
struct rule {
    const pdu_row& pdu;
    const arrangement& agreed;
    bool sent = target::is_sent(pdu.what);
    bool in_login = pdu.when == stage::login;

    std::string of_sent() const {
        return sent ? "" : "the wire brings what the initiator sends once, whole and in order";
    }
    std::string of_command() const {
        return pdu.what == watched::scsi_read || pdu.what == watched::scsi_write ? ""
                                                                                 : "only a SCSI command has a status";
    }
    std::string of_session() const {
        return in_login || pdu.when == stage::discovery ? "there is no session yet that it could be about" : "";
    }

    template <class Anything>
    std::string operator()(const Anything&) const {
        return "";
    }
    std::string operator()(const fault::cut&) const { return of_sent(); }
    std::string operator()(const fault::duplicate&) const { return of_sent(); }
    std::string operator()(const fault::later&) const { return of_sent(); }
    std::string operator()(const fault::trickle&) const { return of_sent(); }
    std::string operator()(const fault::flip_bit& flip) const {
        using enum fault::flip_bit::place;
        const bool of_header = flip.where == header || flip.where == header_digest;
        const bool of_digest = flip.where == header_digest || flip.where == data_digest;
        if (!of_header && !pdu.data) return "it has no data segment";
        if (in_login && !(flip.where == header && sent)) return "no digest guards a login (RFC 7143 §13.1)";
        if (of_digest && !agreed.digests) return "there is no digest";
        if (flip.where == data && !agreed.digests) return "without a digest nobody can tell";
        if (flip.where == header && !sent && !agreed.digests) return "without a digest the target believes it";
        return "";
    }
    std::string operator()(const fault::short_data&) const {
        return pdu.what == watched::data_in ? "" : "only Data-In can carry less than it should";
    }
    std::string operator()(const fault::wrong_field& wrong) const {
        using enum fault::wrong_field::which;
        if (!sent) return of_sent();
        const auto has = [](bool field) { return std::string(field ? "" : "it has no such field"); };
        switch (wrong.field) {
            case itt:
                return has(pdu.has.itt);
            case ttt:
                return has(pdu.has.ttt);
            case stat_sn:
                return has(pdu.has.stat_sn);
            case data_sn:
                return has(pdu.has.data_sn);
            case offset:
                return has(pdu.has.offset);
            case length:
                return has(pdu.has.length);
            case dsl:
            case max_cmd_sn:
            case opcode:
                break;
        }
        return "";
    }
    std::string operator()(const fault::reject&) const {
        if (sent) return "only what the initiator sends is rejected";
        return in_login ? "a login is answered by its status, not by Reject (RFC 7143 §11.13.5)" : "";
    }
    std::string operator()(const fault::status&) const { return of_command(); }
    std::string operator()(const fault::tmf_response&) const {
        return pdu.what == watched::task_management_request ? "" : "it answers a task management function";
    }
    std::string operator()(const fault::endless_text&) const {
        return pdu.what == watched::login_request || pdu.what == watched::text_request ? ""
                                                                                       : "it is not answered by text";
    }
    std::string operator()(const fault::flood&) const { return of_session(); }
    std::string operator()(const fault::async& message) const {
        if (pdu.what == watched::async_message) return "one message is not the cause of another";
        if (pdu.when == stage::logout) return "the connection is on its way out";
        (void)message;
        return of_session();
    }
    std::string operator()(const fault::freeze&) const { return of_session(); }
};

}  // namespace

std::optional<std::string> no_meaning(const fault_row& fault, const pdu_row& pdu, const arrangement& agreed) {
    if (pdu.what == watched::snack_request && agreed.error_recovery_level == 0)
        return "below ErrorRecoveryLevel 1 there is no SNACK (RFC 7143 §7.1.4)";
    const auto action = target::parse_fault_script(std::string("always: ") + fault.action).at(0).what;
    auto why = std::visit(rule{pdu, agreed}, action);
    return why.empty() ? std::nullopt : std::optional(std::move(why));
}

}  // namespace persiscsi::test
