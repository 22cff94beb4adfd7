// SPDX-License-Identifier: Apache-2.0
#include "tests/script/core_harness.hpp"

#include <algorithm>

namespace persiscsi::test {
namespace {

constexpr std::size_t most_deadlines_at_once = 20;  // one after the other without time in between

}  // namespace

session_options plain_options() {
    session_options options;
    options.login.initiator_name = "iqn.2026-11.org.persiscsi:test";
    options.login.target_name = "iqn.2026-11.org.persiscsi:target";
    options.login.isid = pdu::isid{0x800000000001};
    options.portal = {"192.0.2.7", 3260};
    return options;
}

std::vector<std::byte> pattern(std::size_t size, unsigned seed) {
    std::vector<std::byte> bytes(size);
    for (auto& byte : bytes) byte = static_cast<std::byte>((seed = seed * 1103515245U + 12345U) >> 16U);
    return bytes;
}

random_source sevens() {
    return [](std::span<std::byte> into) { std::fill(into.begin(), into.end(), std::byte{7}); };
}

core_harness::core_harness(session_options options, random_source random)
    : core(std::move(options), std::move(random)),
      target_keys{{"InitialR2T", "Yes"}, {"ImmediateData", "Yes"}, {"MaxRecvDataSegmentLength", "8192"}} {}

target_connection& core_harness::at(connection_number connection) {
    while (connections_.size() <= connection) connections_.emplace_back();
    return connections_[connection];
}

void core_harness::settle() {
    for (bool changed = true; changed;) {
        changed = false;
        while (auto effect = core.next_effect()) {
            changed = true;
            if (const auto* opens = std::get_if<session_core::open_transport>(&*effect)) {
                ++transports;
                at(opens->connection).wanted = true;
            }
            if (const auto* closes = std::get_if<session_core::close_transport>(&*effect)) {
                at(closes->connection).wanted = false;
                if (observer) observer->closed(closes->connection);
            }
            effects_.push_back(std::move(*effect));
        }
        for (std::size_t i = 0; i < core.connection_count(); ++i) take_sent_bytes(static_cast<connection_number>(i));
    }
}

void core_harness::take_sent_bytes(connection_number connection) {
    std::array<std::span<const std::byte>, 8> pieces;
    while (const auto count = core.gather(pieces, connection)) {
        std::vector<std::byte> bytes;
        for (std::size_t i = 0; i < count; ++i) bytes.insert(bytes.end(), pieces[i].begin(), pieces[i].end());
        core.on_sent(bytes.size(), connection);
        if (observer) observer->sent(connection, bytes);
        read_sent(at(connection), bytes);
    }
}

void core_harness::read_sent(target_connection& from, std::span<const std::byte> bytes) {
    auto& reader = from.reader;
    for (std::size_t fed = 0; fed < bytes.size();) {
        auto space = reader.space();
        auto into = space[0].empty() ? space[1] : space[0];
        const auto size = std::min(into.size(), bytes.size() - fed);
        std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(fed), size, into.begin());
        reader.filled(size);
        fed += size;
        for (auto step = reader.next(); step != pdu::pdu_reader::step::need_bytes; step = reader.next()) {
            if (step == pdu::pdu_reader::step::failed || step == pdu::pdu_reader::step::corrupt)
                throw std::runtime_error(reader.error_detail());
            if (step == pdu::pdu_reader::step::header) continue;
            from.sent.push_back({*pdu::decode_any(reader.header()),
                                 {reader.data().begin(), reader.data().end()},
                                 {reader.ahs().begin(), reader.ahs().end()}});
        }
    }
}

bool core_harness::silent() {
    settle();
    return std::all_of(connections_.begin(), connections_.end(), [](const auto& one) { return one.sent.empty(); });
}

void core_harness::open_transport(connection_number connection) {
    settle();
    for (int i = 0; i < 100 && !at(connection).wanted; ++i) {
        const auto deadline = core.deadline();
        if (!deadline) throw std::runtime_error("the core waits for nothing and opens no transport");
        pass(std::chrono::duration_cast<std::chrono::milliseconds>(*deadline - now) + std::chrono::milliseconds(1));
    }
    auto& opened = at(connection);
    if (!opened.wanted) throw std::runtime_error("no transport was opened");
    opened.wanted = false;
    opened.sent.clear();
    opened.digests = {};
    opened.reader = pdu::pdu_reader(pdu::max_data_segment);
    if (observer) observer->opened(connection);
    core.on_transport_up(now, connection);
}

void core_harness::log_in() {
    settle();
    if (core.state() == session_state::idle || core.state() == session_state::failed) core.login(false, now);
    open_transport();
    answer_login();
}

void core_harness::log_in_all() {
    log_in();
    for (connection_number i = 1; i < core.connection_count(); ++i) {
        open_transport(i);
        answer_login(i);
    }
}

pdu::login_response core_harness::answer_to(const pdu::login_request& request, pdu::text_keys& keys) {
    const bool leading = request.tsih == pdu::tsih::fresh;
    const bool last = request.current_stage == pdu::login_stage::operational_negotiation;
    if (leading) exp_cmd_sn = request.cmd_sn;
    keys = {{"AuthMethod", "None"}, {"TargetPortalGroupTag", "1"}};
    if (last) {
        keys = target_keys;
        std::erase_if(keys, [&](const auto& pair) {  // the others are the leading connection's
            return !leading && pair.key != "HeaderDigest" && pair.key != "DataDigest" &&
                   pair.key != "MaxRecvDataSegmentLength";
        });
    }
    return {
        .transit = request.transit,
        .current_stage = request.current_stage,
        .next_stage = request.next_stage,
        .isid = request.isid,
        .tsih = !leading || (last && request.transit) ? pdu::tsih{1} : pdu::tsih::fresh,
        .initiator_task_tag = request.initiator_task_tag,
    };
}

void core_harness::answer_login(connection_number connection) {
    auto& on = at(connection);
    on.digests = {};
    settle();
    while (core.state_of(connection) != connection_state::logged_in) {
        if (on.sent.empty()) throw std::runtime_error("no Login Request; " + core.last_failure().detail);
        const auto request = expect<pdu::login_request>(nullptr, connection);
        pdu::text_keys keys;
        const auto response = answer_to(request, keys);
        answer(response, pdu::encode_text(keys), true, connection);
        if (on.wanted) throw std::runtime_error("the login failed: " + core.last_failure().detail);
    }
}

void core_harness::receive(const std::vector<std::byte>& bytes, connection_number connection) {
    settle();
    auto& on = at(connection);
    if (observer) observer->received(connection, bytes);
    for (std::size_t fed = 0; fed < bytes.size();) {
        auto space = core.receive_space(connection);
        auto into = space[0].empty() ? space[1] : space[0];
        const auto size = std::min(into.size(), bytes.size() - fed);
        std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(fed), size, into.begin());
        const auto before = core.state_of(connection);
        core.on_received(size, now, connection);
        fed += size;
        if (before == connection_state::in_login && core.state_of(connection) == connection_state::logged_in) {
            const auto agreed = core.agreed_on(connection);
            on.digests = {.header = agreed->header_digest, .data = agreed->data_digest};
            on.reader.expect(pdu::max_data_segment, on.digests);
        }
    }
    settle();
}

void core_harness::receive(const pdu::frame& frame, connection_number connection) {
    std::vector<std::byte> bytes;
    for (const auto piece : {frame.head(), frame.data(), frame.tail()})
        bytes.insert(bytes.end(), piece.begin(), piece.end());
    receive(bytes, connection);
}

void core_harness::drop(std::string why, connection_number connection) {
    if (observer) observer->closed(connection);
    core.on_transport_lost({protocol_errc::remote_closed, std::move(why)}, now, connection);
    settle();
}

void core_harness::pass(std::chrono::milliseconds time) {
    const auto until = now + time;
    std::size_t at_once = 0;
    for (auto deadline = core.deadline(); deadline && *deadline <= until; deadline = core.deadline()) {
        at_once = *deadline > now ? 0 : at_once + 1;
        if (at_once == most_deadlines_at_once) throw std::runtime_error("a deadline that has come is not done with");
        now = std::max(now, *deadline);
        core.on_deadline(now);
        settle();
    }
    now = until;
}

}  // namespace persiscsi::test
