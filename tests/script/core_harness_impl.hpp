// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <stdexcept>

namespace persiscsi::test {

template <class Pdu>
Pdu core_harness::expect(std::vector<std::byte>* data, connection_number connection) {
    settle();
    auto& sent = at(connection).sent;
    if (sent.empty()) throw std::runtime_error("expected " + std::string(Pdu::title) + ", nothing was sent");
    auto first = std::move(sent.front());
    sent.pop_front();
    const auto* found = std::get_if<Pdu>(&first.pdu);
    if (!found) {
        const auto title = std::visit([](const auto& other) { return std::string(other.title); }, first.pdu);
        throw std::runtime_error("expected " + std::string(Pdu::title) + ", got " + title);
    }
    if (data) *data = std::move(first.data);
    return *found;
}

template <class Pdu>
void core_harness::answer(Pdu pdu, std::vector<std::byte> data, bool takes_stat_sn, connection_number connection) {
    auto& on = at(connection);
    pdu.stat_sn = on.stat_sn;
    if (takes_stat_sn) on.stat_sn = on.stat_sn.next();
    pdu.exp_cmd_sn = exp_cmd_sn;
    pdu.max_cmd_sn = exp_cmd_sn.plus(window - 1);
    receive(pdu::frame(pdu::encode(pdu), std::move(data), on.digests), connection);
}

template <class Effect>
std::vector<Effect> core_harness::take() {
    settle();
    std::vector<Effect> taken;
    std::erase_if(effects_, [&](session_core::effect& effect) {
        auto* found = std::get_if<Effect>(&effect);
        if (found) taken.push_back(std::move(*found));
        return found != nullptr;
    });
    return taken;
}

}  // namespace persiscsi::test
