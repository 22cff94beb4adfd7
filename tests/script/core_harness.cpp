// SPDX-License-Identifier: Apache-2.0
#include "tests/script/core_harness.hpp"

namespace persiscsi::test {
namespace {

constexpr std::uint32_t only_connection = 0;

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

core_harness::core_harness(session_options options)
    : core(std::move(options), [](std::span<std::byte> into) { std::fill(into.begin(), into.end(), std::byte{7}); }),
      target_keys{{"InitialR2T", "Yes"}, {"ImmediateData", "Yes"}, {"MaxRecvDataSegmentLength", "8192"}},
      reader_(pdu::max_data_segment) {}

void core_harness::settle() {
    for (bool changed = true; changed;) {
        changed = false;
        while (auto effect = core.next_effect()) {
            changed = true;
            if (std::holds_alternative<session_core::open_transport>(*effect)) {
                ++transports;
                transport_wanted = true;
            }
            if (std::holds_alternative<session_core::close_transport>(*effect)) {
                transport_wanted = false;
                if (observer) observer->closed(only_connection);
            }
            effects_.push_back(std::move(*effect));
        }
        take_sent_bytes();
    }
}

void core_harness::take_sent_bytes() {
    std::array<std::span<const std::byte>, 8> pieces;
    while (const auto count = core.gather(pieces)) {
        std::vector<std::byte> bytes;
        for (std::size_t i = 0; i < count; ++i) bytes.insert(bytes.end(), pieces[i].begin(), pieces[i].end());
        core.on_sent(bytes.size());
        if (observer) observer->sent(only_connection, bytes);
        for (std::size_t fed = 0; fed < bytes.size();) {
            auto space = reader_.space();
            auto into = space[0].empty() ? space[1] : space[0];
            const auto size = std::min(into.size(), bytes.size() - fed);
            std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(fed), size, into.begin());
            reader_.filled(size);
            fed += size;
            for (auto step = reader_.next(); step != pdu::pdu_reader::step::need_bytes; step = reader_.next()) {
                if (step == pdu::pdu_reader::step::failed || step == pdu::pdu_reader::step::corrupt)
                    throw std::runtime_error(reader_.error_detail());
                if (step == pdu::pdu_reader::step::header) continue;
                sent_.push_back({*pdu::decode_any(reader_.header()), {reader_.data().begin(), reader_.data().end()}});
            }
        }
    }
}

bool core_harness::silent() {
    settle();
    return sent_.empty();
}

void core_harness::open_transport() {
    settle();
    for (int i = 0; i < 100 && !transport_wanted; ++i) {
        const auto deadline = core.deadline();
        if (!deadline) throw std::runtime_error("the core waits for nothing and opens no transport");
        pass(std::chrono::duration_cast<std::chrono::milliseconds>(*deadline - now) + std::chrono::milliseconds(1));
    }
    if (!transport_wanted) throw std::runtime_error("no transport was opened");
    transport_wanted = false;
    sent_.clear();
    reader_ = pdu::pdu_reader(pdu::max_data_segment);
    if (observer) observer->opened(only_connection);
    core.on_transport_up(now);
}

void core_harness::log_in() {
    settle();
    if (core.state() == session_state::idle || core.state() == session_state::failed) core.login(false, now);
    open_transport();
    answer_login();
}

void core_harness::answer_login() {
    digests = {};
    while (core.state() != session_state::logged_in) {
        if (silent()) throw std::runtime_error("no Login Request; " + core.last_failure().detail);
        const auto request = expect<pdu::login_request>();
        exp_cmd_sn = request.cmd_sn;
        pdu::login_response response{
            .transit = request.transit,
            .current_stage = request.current_stage,
            .next_stage = request.next_stage,
            .isid = request.isid,
            .initiator_task_tag = request.initiator_task_tag,
        };
        pdu::text_keys keys;
        if (request.current_stage == pdu::login_stage::security_negotiation) {
            keys = {{"AuthMethod", "None"}, {"TargetPortalGroupTag", "1"}};
        } else {
            keys = target_keys;
            response.tsih = request.transit ? pdu::tsih{1} : pdu::tsih::fresh;
        }
        answer(response, pdu::encode_text(keys));
        settle();
        if (transport_wanted) throw std::runtime_error("the login failed: " + core.last_failure().detail);
    }
    const auto agreed = core.agreed();
    digests = {.header = agreed->header_digest, .data = agreed->data_digest};
    reader_.expect(pdu::max_data_segment, digests);
}

void core_harness::receive(const std::vector<std::byte>& bytes) {
    settle();
    if (observer) observer->received(only_connection, bytes);
    for (std::size_t fed = 0; fed < bytes.size();) {
        auto space = core.receive_space();
        auto into = space[0].empty() ? space[1] : space[0];
        const auto size = std::min(into.size(), bytes.size() - fed);
        std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(fed), size, into.begin());
        core.on_received(size, now);
        fed += size;
    }
    settle();
}

void core_harness::receive(const pdu::frame& frame) {
    std::vector<std::byte> bytes;
    for (const auto piece : {frame.head(), frame.data(), frame.tail()})
        bytes.insert(bytes.end(), piece.begin(), piece.end());
    receive(bytes);
}

void core_harness::drop(std::string why) {
    settle();
    if (observer) observer->closed(only_connection);
    core.on_transport_lost({protocol_errc::remote_closed, std::move(why)}, now);
    settle();
}

void core_harness::pass(std::chrono::milliseconds time) {
    const auto until = now + time;
    for (auto deadline = core.deadline(); deadline && *deadline <= until; deadline = core.deadline()) {
        now = std::max(now, *deadline);
        core.on_deadline(now);
        settle();
    }
    now = until;
}

}  // namespace persiscsi::test
