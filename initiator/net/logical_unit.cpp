// SPDX-License-Identifier: Apache-2.0
#include "initiator/logical_unit.hpp"

#include "initiator/scsi/errors.hpp"
#include "initiator/scsi/lun.hpp"
#include "initiator/scsi/report_luns.hpp"
#include "initiator/scsi/sense.hpp"
#include "initiator/scsi/unmap.hpp"

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>

#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <utility>

namespace persiscsi {
namespace {

namespace asio = boost::asio;

constexpr std::uint16_t inquiry_size = 255;
constexpr std::uint16_t vpd_size = 0xffff;
constexpr std::uint32_t capacity_16_size = 32;
/// 8191 logical units; a longer list is an error, not a part of the truth.
constexpr std::uint32_t lun_list_size = 65536;

std::string on_lun(std::string operation, pdu::lun_id lun) {
    return std::move(operation) + " LUN " + scsi::format_lun(static_cast<std::uint64_t>(lun));
}

std::string on_blocks(const char* operation, std::uint64_t blocks, scsi::lba first, pdu::lun_id lun) {
    return on_lun(std::string(operation) + " " + std::to_string(blocks) + " blocks at LBA " +
                      std::to_string(static_cast<std::uint64_t>(first)) + " of",
                  lun);
}

/// The error of a command that the target answered. `expected`: the bytes that must have moved for it to be a success.
failure answered(const scsi_outcome& outcome, const scsi_task& task, std::size_t expected) {
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
void simple_command(session& over,
                    const scsi_task& task,
                    std::size_t expected,
                    diagnostics& story,
                    logical_unit::handler<> then,
                    What what) {
    command(over,
            task,
            expected,
            story,
            std::move(then),
            std::move(what),
            [](error_code error, const scsi_outcome&, logical_unit::handler<> next) { std::move(next)(error); });
}

/// A command whose reply `parse` reads; the memory of the reply is ours.
template <class Result, class What, class Parse>
void query(session& over,
           scsi_task task,
           std::size_t size,
           diagnostics& story,
           logical_unit::handler<Result> then,
           What what,
           Parse parse) {
    auto reply = std::make_shared<std::vector<std::byte>>(size);
    task.data_in = *reply;
    auto use = [reply, parse, what, into = &story](
                   error_code error, const scsi_outcome& outcome, logical_unit::handler<Result> next) {
        if (error) return std::move(next)(error, Result{});
        auto parsed = parse(std::span<const std::byte>(*reply).first(outcome.data_in_size));
        if (parsed.error) *into = what() + ": " + parsed.detail;
        std::move(next)(error_code(parsed.error), std::move(parsed.value));
    };
    command(over, task, 0, story, std::move(then), std::move(what), std::move(use));
}

bool not_known(error_code error) {
    return error == make_error_code(scsi_errc::invalid_command) || error == make_error_code(scsi_errc::invalid_field);
}

}  // namespace

void logical_unit::start_test_unit_ready(diagnostics& story, handler<> then) {
    const scsi_task task{.lun = lun_, .cdb = scsi::test_unit_ready().bytes};
    simple_command(
        *session_, task, 0, story, std::move(then), [lun = lun_] { return on_lun("test unit ready of", lun); });
}

void logical_unit::start_inquiry(diagnostics& story, handler<scsi::standard_inquiry> then) {
    const scsi_task task{.lun = lun_, .cdb = scsi::inquiry(inquiry_size).bytes};
    query(
        *session_,
        task,
        inquiry_size,
        story,
        std::move(then),
        [lun = lun_] { return on_lun("inquiry of", lun); },
        scsi::parse_inquiry);
}

void logical_unit::start_inquiry_vpd(std::uint8_t page, diagnostics& story, handler<std::vector<std::byte>> then) {
    const scsi_task task{.lun = lun_, .cdb = scsi::inquiry_vpd(page, vpd_size).bytes};
    const auto as_it_is = [](std::span<const std::byte> reply) {
        return scsi::parsed<std::vector<std::byte>>{.value = {reply.begin(), reply.end()}};
    };
    const auto what = [page, lun = lun_] { return on_lun("inquiry of page " + std::to_string(page) + " of", lun); };
    query(*session_, task, vpd_size, story, std::move(then), what, as_it_is);
}

void logical_unit::start_read_capacity(diagnostics& story, handler<scsi::capacity> then) {
    const auto what = [lun = lun_] { return on_lun("read capacity of", lun); };
    const scsi_task long_form{.lun = lun_, .cdb = scsi::read_capacity_16(capacity_16_size).bytes};
    const scsi_task short_form{.lun = lun_, .cdb = scsi::read_capacity_10().bytes};
    auto reply = std::make_shared<std::array<std::byte, capacity_16_size>>();
    auto task = long_form;
    task.data_in = *reply;
    auto use = [reply, what, short_form, over = session_, into = &story](
                   error_code error, const scsi_outcome& outcome, handler<scsi::capacity> next) {
        if (not_known(error)) {
            query(*over, short_form, 8, *into, std::move(next), what, scsi::parse_capacity_10);
            return;
        }
        if (error) return std::move(next)(error, scsi::capacity{});
        auto parsed = scsi::parse_capacity_16(std::span<const std::byte>(*reply).first(outcome.data_in_size));
        if (parsed.error) *into = what() + ": " + parsed.detail;
        std::move(next)(error_code(parsed.error), parsed.value);
    };
    command(*session_, task, 0, story, std::move(then), what, std::move(use));
}

void logical_unit::start_report_luns(diagnostics& story, handler<std::vector<pdu::lun_id>> then) {
    const scsi_task task{.lun = lun_, .cdb = scsi::report_luns(lun_list_size).bytes};
    const auto whole_list = [](std::span<const std::byte> reply) {
        auto list = scsi::parse_report_luns(reply);
        scsi::parsed<std::vector<pdu::lun_id>> result{
            .value = {}, .error = list.error, .detail = std::move(list.detail)};
        if (!result.error && list.value.whole_size > lun_list_size) {
            result.error = make_error_code(scsi_errc::malformed_reply);
            result.detail = "a list of " + std::to_string(list.value.whole_size) + " bytes, we take " +
                            std::to_string(lun_list_size);
        }
        if (!result.error)
            for (const auto lun : list.value.luns) result.value.push_back(pdu::lun_id{lun});
        return result;
    };
    query(
        *session_,
        task,
        lun_list_size,
        story,
        std::move(then),
        [lun = lun_] { return on_lun("report luns of", lun); },
        whole_list);
}

void logical_unit::start_read(
    scsi::lba first, std::uint32_t block_size, std::span<std::byte> into, diagnostics& story, handler<> then) {
    const auto blocks = into.size() / block_size;
    const auto cdb = scsi::rw_cdb(scsi::direction::read, first, scsi::block_count{static_cast<std::uint32_t>(blocks)});
    const scsi_task task{.lun = lun_, .cdb = cdb.bytes, .data_in = into};
    simple_command(*session_, task, into.size(), story, std::move(then), [=, lun = lun_] {
        return on_blocks("read", blocks, first, lun);
    });
}

void logical_unit::start_write(scsi::lba first,
                               std::uint32_t block_size,
                               std::span<const std::byte> from,
                               bool fua,
                               diagnostics& story,
                               handler<> then) {
    const auto blocks = from.size() / block_size;
    const auto cdb =
        scsi::rw_cdb(scsi::direction::write, first, scsi::block_count{static_cast<std::uint32_t>(blocks)}, fua);
    const scsi_task task{.lun = lun_, .cdb = cdb.bytes, .data_out = from};
    simple_command(*session_, task, from.size(), story, std::move(then), [=, lun = lun_] {
        return on_blocks("write", blocks, first, lun);
    });
}

void logical_unit::start_flush(diagnostics& story, handler<> then) {
    const auto what = [lun = lun_] { return on_lun("flush of", lun); };
    const scsi_task long_form{.lun = lun_, .cdb = scsi::synchronize_cache_16().bytes};
    const scsi_task short_form{.lun = lun_, .cdb = scsi::synchronize_cache_10().bytes};
    auto use = [what, short_form, over = session_, into = &story](
                   error_code error, const scsi_outcome&, handler<> next) {
        if (!not_known(error)) return std::move(next)(error);
        simple_command(*over, short_form, 0, *into, std::move(next), what);
    };
    command(*session_, long_form, 0, story, std::move(then), what, std::move(use));
}

void logical_unit::start_unmap(scsi::lba first, scsi::block_count count, diagnostics& story, handler<> then) {
    const scsi::block_range range{.first = first, .blocks = count};
    auto list = std::make_shared<std::vector<std::byte>>(scsi::unmap_parameter_list({&range, 1}));
    const scsi_task task{
        .lun = lun_, .cdb = scsi::unmap(static_cast<std::uint16_t>(list->size())).bytes, .data_out = *list};
    simple_command(*session_, task, list->size(), story, std::move(then), [list, first, count, lun = lun_] {
        return on_blocks("unmap", static_cast<std::uint32_t>(count), first, lun);
    });
}

}  // namespace persiscsi
