// SPDX-License-Identifier: Apache-2.0
#include "initiator/isns/discovery_dialogue.hpp"

#include <utility>

namespace persiscsi::isns {
discovery_dialogue::discovery_dialogue(std::string initiator_name,
                                       const ip_address& from,
                                       std::uint16_t port,
                                       std::optional<std::uint16_t> scn_port)
    : initiator_name_(std::move(initiator_name)), from_(from), port_(port), scn_port_(scn_port) {}

discovery_dialogue::step discovery_dialogue::start() {
    return scn_port_ ? enter() : ask(stage::asking);
}

discovery_dialogue::step discovery_dialogue::send(stage next, function function, std::vector<attribute> attributes) {
    stage_ = next;
    asked_ = function;
    attributes.insert(attributes.begin(), text(tag::iscsi_name, initiator_name_));  // the Source Attribute
    return message{.function = static_cast<std::uint16_t>(function),
                   .transaction = ++transaction_,
                   .attributes = std::move(attributes)};
}

/// DevAttrQry. The key: nodes that are targets.
discovery_dialogue::step discovery_dialogue::ask(stage next) {
    auto attributes = wanted_of_targets();
    attributes.insert(attributes.begin(), {number(tag::iscsi_node_type, target_node), empty(tag::delimiter)});
    return send(next, function::dev_attr_qry, std::move(attributes));
}

/// DevAttrReg. An entity of our own: one portal, one node. Nothing is replaced.
discovery_dialogue::step discovery_dialogue::enter() {
    std::vector<attribute> attributes{empty(tag::delimiter),
                                      text(tag::entity_identifier, initiator_name_),
                                      number(tag::entity_protocol, protocol_iscsi),
                                      address(tag::portal_ip_address, from_),
                                      number(tag::portal_port, port_)};
    if (scn_port_) attributes.push_back(number(tag::scn_port, *scn_port_));
    attributes.push_back(text(tag::iscsi_name, initiator_name_));
    attributes.push_back(number(tag::iscsi_node_type, initiator_node));
    return send(stage::registering, function::dev_attr_reg, std::move(attributes));
}

/// SCNReg: of targets, and of what happens to ourselves.
discovery_dialogue::step discovery_dialogue::subscribe() {
    return send(stage::subscribing,
                function::scn_reg,
                {text(tag::iscsi_name, initiator_name_),
                 empty(tag::delimiter),
                 number(tag::iscsi_scn_bitmap, object_updated | object_added | object_removed | target_and_self_only)});
}

/// DevDereg: the entity goes, and with it what belongs to it.
discovery_dialogue::step discovery_dialogue::deregister() {
    return send(
        stage::leaving, function::dev_dereg, {empty(tag::delimiter), text(tag::entity_identifier, initiator_name_)});
}

discovery_dialogue::step discovery_dialogue::fail(std::string_view what, status status) {
    result_.failed = {isns_errc::refused,
                      "the iSNS server refuses the " + std::string(what) + ": " + to_string(status)};
    result_.targets.clear();
    return stage_ == stage::registering || stage_ == stage::asking ? step(result_) : deregister();
}

std::optional<discovery_dialogue::step> discovery_dialogue::changed() {
    if (stage_ == stage::watching) return ask(stage::asking_again);
    changed_ = true;
    return std::nullopt;
}

std::optional<discovery_dialogue::step> discovery_dialogue::leave() {
    if (stage_ == stage::watching) return deregister();
    leave_wanted_ = true;
    return std::nullopt;
}

discovery_dialogue::step discovery_dialogue::on_message(const message& answer) {
    if (stage_ == stage::watching || !answer.answers(asked_) || answer.transaction != transaction_) {
        const auto code = make_error_code(isns_errc::remote_unexpected_message);
        return done{{code,
                     code.message() + ": function " + std::to_string(answer.function) + ", transaction " +
                         std::to_string(answer.transaction)},
                    {}};
    }
    if (stage_ == stage::leaving) return result_;  // the targets are known, whatever became of the registration
    if (stage_ != stage::registering && stage_ != stage::subscribing) return on_query_answer(answer);
    const bool registering = stage_ == stage::registering;
    if (answer.status != status::success)
        return fail(registering ? "registration" : "registration for notifications", answer.status);
    if (leave_wanted_) return deregister();
    return registering && scn_port_ ? subscribe() : ask(stage::asking_again);
}

discovery_dialogue::step discovery_dialogue::on_query_answer(const message& answer) {
    const bool registered = stage_ == stage::asking_again;
    result_.targets.clear();
    if (answer.status == status::success)
        result_.targets = parse_targets(answer, result_.failed);
    else if (answer.status == status::source_unknown && !registered)
        return enter();
    else if (answer.status != status::no_such_entry)
        return fail("query", answer.status);
    if (!registered) return result_.targets.empty() && !result_.failed ? enter() : step(result_);
    if (!scn_port_ || leave_wanted_ || result_.failed) return deregister();
    if (std::exchange(changed_, false)) return ask(stage::asking_again);
    stage_ = stage::watching;
    return news{result_.targets};
}

}  // namespace persiscsi::isns
