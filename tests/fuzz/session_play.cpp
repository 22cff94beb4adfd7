// SPDX-License-Identifier: Apache-2.0
#include "tests/fuzz/session_play.hpp"

#include <algorithm>

extern "C" std::size_t __sanitizer_get_current_allocated_bytes() __attribute__((weak));

namespace persiscsi::fuzz {
namespace {

constexpr std::byte untouched{0xa5};
constexpr std::size_t most_effects = 20'000;           // of one event; a flood of them is a loop
constexpr std::size_t most_deadlines = 20'000;         // in one pass of time
constexpr std::size_t most_at_once = 20;               // one after the other without time in between
constexpr std::size_t most_memory = 96 * 1024 * 1024;  // beside what the callers' buffers take

}  // namespace

session_play::session_play(session_options options, well_meaning_target& target)
    : core(std::move(options), [](std::span<std::byte> into) { std::ranges::fill(into, std::byte{7}); }),
      target_(target) {}

session_play::~session_play() {
    if (!stopped_) stop();
    for (const auto& one : commands_) {
        must(one->finished, "every command ends");
        must(std::ranges::all_of(one->input, [](std::byte b) { return b == untouched; }),
             "memory of a finished command is left alone");
    }
    for (const auto& one : requests_) must(*one == 1, "every text and every task management request ends");
    must(logins_asked_ == 0 && logouts_asked_ == 0, "every login and every logout is answered");
}

bool session_play::quiet() const {
    return unfinished_ == 0 && logins_asked_ == 0 && logouts_asked_ == 0 &&
           std::ranges::all_of(requests_, [](const auto& one) { return *one == 1; });
}

void session_play::submit(std::size_t size_in, std::size_t size_out, std::size_t cdb_rest, bool repeatable) {
    auto& added = *commands_.emplace_back(std::make_unique<command>());
    added.input.assign(size_in, std::byte{0});
    added.output.assign(size_out, std::byte{1});
    added.cdb_rest.assign(cdb_rest, std::byte{2});
    ++unfinished_;
    added.tag = core.submit(
        {.cdb_rest = added.cdb_rest, .data_in = added.input, .data_out = added.output, .repeatable = repeatable},
        &added,
        now);
    trace([&] {
        return "command " + std::to_string(commands_.size()) + " is task " +
               std::to_string(static_cast<std::uint32_t>(added.tag));
    });
    settle();
}

void session_play::submit_text() {
    core.submit_text({{"SendTargets", "All"}}, requests_.emplace_back(std::make_unique<int>(0)).get(), now);
    settle();
}

void session_play::manage(pdu::task_management_function function) {
    core.manage(function, {}, requests_.emplace_back(std::make_unique<int>(0)).get(), now);
    settle();
}

void session_play::cancel(std::size_t which) {
    if (commands_.empty()) return;
    trace([&] { return "cancel command " + std::to_string(which % commands_.size() + 1); });
    core.cancel(commands_[which % commands_.size()]->tag, now);
    settle();
}

void session_play::log_in() {
    ++logins_asked_;
    core.login(false, now);
    settle();
}

void session_play::log_out() {
    ++logouts_asked_;
    core.logout(now);
    settle();
}

void session_play::transport_up(connection_number which) {
    if (!std::exchange(target_.at(which).wanted, false)) return;
    target_.opened(which);
    core.on_transport_up(now, which);
    settle();
}

void session_play::transport_lost(connection_number which) {
    auto& line = target_.at(which);
    if (!line.up && !std::exchange(line.wanted, false)) return;
    target_.closed(which);
    trace([&] { return std::to_string(which) + " dropped"; });
    core.on_transport_lost({protocol_errc::remote_closed, "dropped by the fuzzer"}, now, which);
    settle();
}

void session_play::send(connection_number which, std::span<const std::byte> wire) {
    auto& line = target_.at(which);
    if (line.up) line.backlog.insert(line.backlog.end(), wire.begin(), wire.end());
}

void session_play::deliver(connection_number which, std::size_t count) {
    auto& line = target_.at(which);
    while (count > 0 && line.up && !line.backlog.empty()) {
        const auto space = core.receive_space(which);
        const auto into = space[0].empty() ? space[1] : space[0];
        must(!into.empty(), "the core has always space for a byte");
        const auto size = std::min({into.size(), line.backlog.size(), count});
        std::copy_n(line.backlog.begin(), size, into.begin());
        line.backlog.erase(line.backlog.begin(), line.backlog.begin() + static_cast<std::ptrdiff_t>(size));
        count -= size;
        const auto before = core.state_of(which);
        core.on_received(size, now, which);
        if (before == connection_state::in_login && core.state_of(which) == connection_state::logged_in) {
            const auto agreed = core.agreed_on(which);
            line.digests = {.header = agreed->header_digest, .data = agreed->data_digest};
            line.reader.expect(pdu::max_data_segment, line.digests);
        }
        settle();
    }
}

void session_play::pass(std::chrono::milliseconds time) {
    const auto until = now + time;
    std::size_t deadlines = 0;
    std::size_t at_once = 0;
    for (auto next = core.deadline(); next && *next <= until; next = core.deadline()) {
        must(++deadlines < most_deadlines, "deadlines make progress");
        at_once = *next > now ? 0 : at_once + 1;
        must(at_once < most_at_once, "a deadline that has come is done with");
        now = std::max(now, *next);
        trace([&] { return "deadline at " + std::to_string(now.time_since_epoch().count() / 1'000'000) + " ms"; });
        core.on_deadline(now);
        settle();
    }
    now = until;
}

void session_play::stop() {
    trace([] { return "stop"; });
    core.stop({protocol_errc::local_cancelled, "the end"}, now);
    settle();
    stopped_ = true;
    must(unfinished_ == 0, "stop() ends every command");
    must(!core.deadline(), "after stop() nothing is waited for");
    pass(std::chrono::hours(1));
    std::array<std::span<const std::byte>, 4> pieces;
    for (connection_number which = 0; which < core.connection_count(); ++which) {
        core.on_transport_lost({protocol_errc::remote_closed, "late"}, now, which);
        must(core.gather(pieces, which) == 0, "after stop() nothing is sent");
    }
    must(!core.has_effects(), "after stop() nothing happens");
}

void session_play::settle() {
    std::size_t effects = 0;
    for (bool changed = true; changed;) {
        changed = false;
        while (auto effect = core.next_effect()) {
            must(++effects < most_effects, "one event has few effects");
            must(!stopped_, "after stop() nothing happens");
            take(*effect);
            changed = true;
        }
        std::array<std::span<const std::byte>, 8> pieces;
        for (connection_number which = 0; which < core.connection_count(); ++which) {
            auto& line = target_.at(which);
            while (const auto count = line.allowance > 0 ? core.gather(pieces, which) : 0) {
                must(++effects < most_effects, "one event sends little");
                bytes wire;
                for (const auto piece : std::span(pieces).first(count))
                    wire.insert(wire.end(), piece.begin(), piece.end());
                must(!wire.empty(), "what is to be sent has bytes");
                must(line.up, "nothing is sent without a transport");
                wire.resize(std::min(wire.size(), line.allowance));
                if (line.allowance != SIZE_MAX) line.allowance -= wire.size();
                core.on_sent(wire.size(), which);
                target_.hear(which, wire);
                changed = true;
            }
        }
    }
}

void session_play::take(const session_core::effect& effect) {
    static constexpr std::string_view names[] = {"open transport",
                                                 "close transport",
                                                 "login finished",
                                                 "logout finished",
                                                 "scsi finished",
                                                 "text finished",
                                                 "management finished",
                                                 "state changed",
                                                 "message received"};
    trace([&] {
        return "effect: " + std::string(names[effect.index()]) + ", state " + std::string(to_string(core.state()));
    });
    if (const auto* opens = std::get_if<session_core::open_transport>(&effect)) {
        must(!target_.at(opens->connection).up, "a transport is opened once");
        target_.at(opens->connection).wanted = true;
    } else if (const auto* closes = std::get_if<session_core::close_transport>(&effect)) {
        target_.closed(closes->connection);
        target_.at(closes->connection).wanted = false;
    } else if (const auto* finished = std::get_if<session_core::scsi_finished>(&effect)) {
        take(*finished);
    } else if (const auto* text = std::get_if<session_core::text_finished>(&effect)) {
        end_request(text->owner);
    } else if (const auto* management = std::get_if<session_core::management_finished>(&effect)) {
        end_request(management->owner);
    } else if (std::holds_alternative<session_core::login_finished>(effect)) {
        must(logins_asked_ > 0, "a login is answered once");
        logins_asked_ = 0;
    } else if (std::holds_alternative<session_core::logout_finished>(effect)) {
        must(logouts_asked_ > 0, "a logout is answered once");
        logouts_asked_ = 0;
    }
}

void session_play::take(const session_core::scsi_finished& finished) {
    auto& one = *static_cast<command*>(finished.owner);
    must(!one.finished, "a command ends once");
    one.finished = true;
    --unfinished_;
    trace([&] {
        return "task " + std::to_string(static_cast<std::uint32_t>(one.tag)) +
               " has finished: " + finished.outcome.failed.detail;
    });
    const auto& outcome = finished.outcome;
    must(!outcome.failed || printable(outcome.failed.detail), "a peer's text is escaped");
    must(outcome.data_in_size <= one.input.size(), "no more was read than there was place for");
    if (!outcome.failed && outcome.status == 0) {
        const bool both = !one.input.empty() && !one.output.empty();
        const bool under = both ? outcome.bidi_read_underflow : outcome.underflow;
        const auto residual = both ? outcome.bidi_read_residual_count : outcome.residual_count;
        const auto whole = one.input.size() - (under ? std::min<std::size_t>(residual, one.input.size()) : 0);
        for (std::size_t i = 0; i < whole; ++i) must(one.input[i] == byte_at(i), "a GOOD read has all its bytes");
        if (whole > 0) ++good_reads_;
    }
    std::ranges::fill(one.input, untouched);
    bytes().swap(one.output);  // a late look at it is seen by the address sanitizer
    bytes().swap(one.cdb_rest);
}

void session_play::end_request(const void* owner) {
    const auto found = std::ranges::find(requests_, owner, [](const auto& one) -> const void* { return one.get(); });
    must(found != requests_.end() && **found == 0, "a text or a task management request ends once");
    **found = 1;
}

void session_play::check_memory() const {
    if (__sanitizer_get_current_allocated_bytes != nullptr)
        must(__sanitizer_get_current_allocated_bytes() < most_memory, "memory is bounded");
}

}  // namespace persiscsi::fuzz
