// SPDX-License-Identifier: Apache-2.0
#include "initiator/logical_unit.hpp"

#include "initiator/net/unit_commands.hpp"
#include "initiator/scsi/report_luns.hpp"
#include "initiator/scsi/unmap.hpp"

#include <array>
#include <memory>
#include <string>
#include <utility>

namespace persiscsi {
namespace {

constexpr std::uint16_t inquiry_size = 255;
constexpr std::uint16_t vpd_size = 0xffff;
constexpr std::uint32_t capacity_16_size = 32;
/// 8191 logical units; a longer list is an error, not a part of the truth.
constexpr std::uint32_t lun_list_size = 65536;

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
