// SPDX-License-Identifier: Apache-2.0
#include "tests/fuzz/session_moves.hpp"

namespace persiscsi::fuzz {
namespace {

constexpr pdu::opcode opcodes[] = {pdu::opcode::nop_in,
                                   pdu::opcode::scsi_response,
                                   pdu::opcode::data_in,
                                   pdu::opcode::r2t,
                                   pdu::opcode::task_management_response,
                                   pdu::opcode::text_response,
                                   pdu::opcode::logout_response,
                                   pdu::opcode::async_message,
                                   pdu::opcode::reject,
                                   pdu::opcode::login_response,
                                   pdu::opcode::scsi_command};

/// Fields that have one place in all PDUs of a target, or in those of a task: offset and width.
struct place {
    std::size_t offset;
    std::size_t width;
};
constexpr place places[] = {{0, 1},
                            {1, 1},
                            {2, 1},
                            {3, 1},
                            {8, 4},
                            {16, 4},
                            {20, 4},
                            {24, 4},
                            {28, 4},
                            {32, 4},
                            {36, 4},
                            {40, 4},
                            {44, 4},
                            {42, 2}};

std::uint32_t any_tag(input& from, well_meaning_target& target) {
    auto& tasks = target.tasks();
    if (tasks.empty()) return from.number(4);
    auto chosen = tasks.begin();
    std::advance(chosen, from.below(static_cast<unsigned>(tasks.size())));
    return chosen->first;
}

}  // namespace

said wild(input& from, well_meaning_target& target) {
    said one;
    one.bhs[0] = static_cast<std::byte>(from.one_of(opcodes));
    one.bhs[1] = static_cast<std::byte>(from.number());
    one.bhs[2] = static_cast<std::byte>(from.number());
    one.bhs[3] = static_cast<std::byte>(from.number());
    pdu::store_be<4>(one.bhs.data() + 16, any_tag(from, target));
    pdu::store_be<4>(one.bhs.data() + 20, from.flag() ? 0xffffffffU : from.number());
    pdu::store_be<4>(one.bhs.data() + 36, from.below(3));
    pdu::store_be<4>(one.bhs.data() + 40, from.below(8) * 512);
    pdu::store_be<4>(one.bhs.data() + 44, from.below(8) * 512);
    one.takes_stat_sn = from.flag();
    const auto data = from.take(from.below(100));
    one.data.assign(data.begin(), data.end());
    return one;
}

said async(input& from) {
    const pdu::async_message message{.event = static_cast<pdu::async_event>(from.below(7)),
                                     .parameter1 = static_cast<std::uint16_t>(from.below(4)),
                                     .parameter2 = static_cast<std::uint16_t>(from.number()),
                                     .parameter3 = static_cast<std::uint16_t>(from.number())};
    return {pdu::encode(message), {}, true};
}

said reject(input& from, const line& on) {
    const pdu::reject refused{.reason = static_cast<pdu::reject_reason>(from.below(14))};
    return {pdu::encode(refused), bytes(on.last_heard.begin(), on.last_heard.end()), true};
}

void bend(input& from, said& one, well_meaning_target& target) {
    const auto [offset, width] = from.one_of(places);
    if (offset == 16 && from.flag()) return pdu::store_be<4>(one.bhs.data() + 16, any_tag(from, target));
    const auto change = from.number();
    if (offset == 24) {  // StatSN is filled in where it is still 0
        return pdu::store_be<4>(one.bhs.data() + 24, target.at(0).stat_sn.value + change);
    }
    for (std::size_t i = 0; i < width; ++i)
        one.bhs[offset + i] ^= static_cast<std::byte>(i + 1 == width ? change : change == 255 ? 255 : 0);
    if (from.flag()) one.data.resize(from.below(2048));
}

void damage(input& from, bytes& wire, pdu::digests used) {
    const auto at = from.number(2);
    if (used.header && (at % 4 == 0 || !used.data)) wire[at % pdu::bhs_size] ^= std::byte{1};
    const auto first = pdu::bhs_size + (used.header ? pdu::digest_size : 0);
    if (used.data && wire.size() > first && at % 4 != 0) wire[first + at % (wire.size() - first)] ^= std::byte{1};
}

}  // namespace persiscsi::fuzz
