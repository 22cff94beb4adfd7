// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "initiator/scsi/block.hpp"
#include "initiator/scsi/errors.hpp"
#include "initiator/scsi/lun.hpp"
#include "initiator/scsi/sense.hpp"
#include "initiator/scsi/verdict.hpp"
#include "initiator/unit_operation.hpp"

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

// What the typed operations on logical units have in common.

namespace persiscsi {

namespace asio = boost::asio;

inline std::string on_lun(std::string operation, pdu::lun_id lun) {
    return std::move(operation) + " LUN " + scsi::format_lun(static_cast<std::uint64_t>(lun));
}

inline std::string on_blocks(const char* operation, std::uint64_t blocks, scsi::lba first, pdu::lun_id lun) {
    return on_lun(std::string(operation) + " " + std::to_string(blocks) + " blocks at LBA " +
                      std::to_string(static_cast<std::uint64_t>(first)) + " of",
                  lun);
}

/// The error of a command that the target answered. `expected`: the bytes that must have moved for it to be a success.
inline failure answered(const scsi_outcome& outcome, const scsi_task& task, std::size_t expected) {
    const auto sense = scsi::parse_sense(outcome.sense);
    if (const auto error = scsi::to_error(static_cast<scsi::status>(outcome.status), sense)) {
        return {error, sense ? scsi::describe(*sense) : error.message()};
    }
    const auto missing = outcome.underflow ? std::size_t{outcome.residual_count} : 0;
    const auto moved = task.data_in.empty() ? expected - std::min(missing, expected) : outcome.data_in_size;
    if (moved >= expected) return {};
    const auto code = make_error_code(protocol_errc::remote_short_data);
    return {code, code.message() + " (" + std::to_string(moved) + " of " + std::to_string(expected) + " bytes)"};
}

/// Runs one command for `then`, under its executor and cancellation, and turns its end into an error with its story.
/// `what` names the operation and is asked only where there is an error; `use(error, outcome, then)` goes on.
template <class Then, class What, class Use>
void command(
    session& over, const scsi_task& task, std::size_t expected, diagnostics& story, Then then, What what, Use use) {
    const auto executor = asio::get_associated_executor(then, over.get_executor());
    const auto slot = asio::get_associated_cancellation_slot(then);
    auto after = [then = std::move(then), what = std::move(what), use = std::move(use), task, expected, into = &story](
                     error_code error, const scsi_outcome& outcome) mutable {
        if (error) {
            *into = what() + ": " + *into;
        } else if (const auto failed = answered(outcome, task, expected)) {
            error = failed.code;
            *into = what() + ": " + failed.detail;
        }
        use(error, outcome, std::move(then));
    };
    over.async_execute(
        task, story, asio::bind_cancellation_slot(slot, asio::bind_executor(executor, std::move(after))));
}

/// A command without data whose end is all there is to know.
template <class What>
void simple_command(
    session& over, const scsi_task& task, std::size_t expected, diagnostics& story, unit_handler<> then, What what) {
    command(over,
            task,
            expected,
            story,
            std::move(then),
            std::move(what),
            [](error_code error, const scsi_outcome&, unit_handler<> next) { std::move(next)(error); });
}

/// Did the logical unit only tell something, and not carry out the command (docs/decisions/0005)?
inline bool only_told(error_code error, const scsi_outcome& outcome) {
    if (error != make_error_code(scsi_errc::unit_attention)) return false;
    const auto verdict = scsi::after(static_cast<scsi::status>(outcome.status), scsi::parse_sense(outcome.sense));
    return verdict == scsi::verdict::again_at_once;
}

/// A command without a reply that must not be carried out twice. The session sends it once; what a UNIT ATTENTION kept
/// from being carried out is sent again from here, at most `attentions` times.
template <class What>
void single_command(session& over,
                    const scsi_task& task,
                    std::size_t expected,
                    diagnostics& story,
                    unit_handler<> then,
                    What what,
                    unsigned attentions = 5) {
    auto use = [task, expected, what, attentions, on = &over, into = &story](
                   error_code error, const scsi_outcome& outcome, unit_handler<> next) {
        if (attentions == 0 || !only_told(error, outcome)) return std::move(next)(error);
        into->clear();
        single_command(*on, task, expected, *into, std::move(next), what, attentions - 1);
    };
    command(over, task, expected, story, std::move(then), what, std::move(use));
}

/// A command whose reply `parse` reads; the memory of the reply is ours.
template <class Result, class What, class Parse>
void query(session& over,
           scsi_task task,
           std::size_t size,
           diagnostics& story,
           unit_handler<Result> then,
           What what,
           Parse parse) {
    auto reply = std::make_shared<std::vector<std::byte>>(size);
    task.data_in = *reply;
    auto use = [reply, parse, what, into = &story](
                   error_code error, const scsi_outcome& outcome, unit_handler<Result> next) {
        if (error) return std::move(next)(error, Result{});
        auto parsed = parse(std::span<const std::byte>(*reply).first(outcome.data_in_size));
        if (parsed.error) *into = what() + ": " + parsed.detail;
        std::move(next)(error_code(parsed.error), std::move(parsed.value));
    };
    command(over, task, 0, story, std::move(then), std::move(what), std::move(use));
}

}  // namespace persiscsi
