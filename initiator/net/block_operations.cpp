// SPDX-License-Identifier: Apache-2.0
#include "initiator/block_operations.hpp"

#include "initiator/net/unit_commands.hpp"

namespace persiscsi {
namespace {

constexpr std::uint32_t status_size = 8 + 16 * 256;  // as many descriptors as are worth a reply

scsi::block_count blocks_in(std::size_t bytes, std::uint32_t block_size) {
    return scsi::block_count{static_cast<std::uint32_t>(bytes / block_size)};
}

/// The blocks asked for, one behind the other: what a reply without any, or about others, is not.
scsi::parsed<std::vector<scsi::lba_status>> status_from(scsi::lba first, std::span<const std::byte> reply) {
    auto found = scsi::parse_lba_status(reply);
    if (found.error || (!found.value.empty() && found.value.front().first == first)) return found;
    const auto begins = found.value.empty()
                            ? "has no descriptor"
                            : "begins at LBA " + std::to_string(static_cast<std::uint64_t>(found.value.front().first));
    return {.error = scsi_errc::malformed_reply, .detail = std::string("GET LBA STATUS: the reply ") + begins};
}

}  // namespace

void block_operations::start_write_same(scsi::lba first,
                                        scsi::block_count count,
                                        std::span<const std::byte> block,
                                        scsi::same_options how,
                                        diagnostics& story,
                                        unit_handler<> then) {
    const scsi_task task{.lun = lun_, .cdb = scsi::write_same_16(first, count, how).bytes, .data_out = block};
    simple_command(*session_, task, block.size(), story, std::move(then), [first, count, lun = lun_] {
        return on_blocks("write same to", static_cast<std::uint32_t>(count), first, lun);
    });
}

void block_operations::start_compare_and_write(scsi::lba first,
                                               std::uint32_t block_size,
                                               std::span<const std::byte> expected_then_new,
                                               diagnostics& story,
                                               unit_handler<> then) {
    const auto count = blocks_in(expected_then_new.size() / 2, block_size);
    const scsi_task task{.lun = lun_,
                         .cdb = scsi::compare_and_write(first, count).bytes,
                         .data_out = expected_then_new,
                         .repeatable = false};
    single_command(*session_, task, expected_then_new.size(), story, std::move(then), [first, count, lun = lun_] {
        return on_blocks("compare and write", static_cast<std::uint32_t>(count), first, lun);
    });
}

void block_operations::start_verify(scsi::lba first, scsi::block_count count, diagnostics& story, unit_handler<> then) {
    const scsi_task task{.lun = lun_, .cdb = scsi::verify_16(first, count, scsi::byte_check::none).bytes};
    simple_command(*session_, task, 0, story, std::move(then), [first, count, lun = lun_] {
        return on_blocks("verify", static_cast<std::uint32_t>(count), first, lun);
    });
}

void block_operations::start_compare(scsi::lba first,
                                     std::uint32_t block_size,
                                     std::span<const std::byte> expected,
                                     diagnostics& story,
                                     unit_handler<> then) {
    const auto count = blocks_in(expected.size(), block_size);
    const scsi_task task{
        .lun = lun_, .cdb = scsi::verify_16(first, count, scsi::byte_check::blocks).bytes, .data_out = expected};
    simple_command(*session_, task, expected.size(), story, std::move(then), [first, count, lun = lun_] {
        return on_blocks("compare", static_cast<std::uint32_t>(count), first, lun);
    });
}

void block_operations::start_lba_status(scsi::lba first,
                                        diagnostics& story,
                                        unit_handler<std::vector<scsi::lba_status>> then) {
    const scsi_task task{.lun = lun_, .cdb = scsi::get_lba_status(first, status_size).bytes};
    query(
        *session_,
        task,
        status_size,
        story,
        std::move(then),
        [first, lun = lun_] {
            return on_lun("LBA status from " + std::to_string(static_cast<std::uint64_t>(first)) + " on of", lun);
        },
        [first](std::span<const std::byte> reply) { return status_from(first, reply); });
}

}  // namespace persiscsi
