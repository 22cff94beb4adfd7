// SPDX-License-Identifier: Apache-2.0
// Commands beyond the first ones, on a logical unit by itself.
#include "initiator/scsi/block_access.hpp"
#include "initiator/scsi/cdb_32.hpp"
#include "initiator/scsi/command_table.hpp"
#include "initiator/scsi/lba_status.hpp"
#include "initiator/scsi/log_pages.hpp"
#include "initiator/scsi/medium_control.hpp"
#include "initiator/scsi/mode_pages.hpp"
#include "initiator/scsi/mode_sense.hpp"
#include "initiator/scsi/supported_operations.hpp"
#include "initiator/scsi/target_port_groups.hpp"
#include "initiator/scsi/unmap.hpp"
#include "tests/target/logical_unit.hpp"
#include "tests/unit/target/raw_initiator.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace persiscsi::target::test {
namespace {

using scsi::block_count;
using scsi::lba;
using bytes = std::vector<std::byte>;
using testing::ElementsAre;

constexpr std::size_t block_size = 512;
constexpr std::uint64_t blocks = 64;

class unit_test : public testing::Test {
  protected:
    command_plan plan(std::span<const std::byte> cdb, std::uint64_t data_out = 0) {
        return unit.plan({.cdb = cdb, .nexus = "iqn.us,i,0x1", .data_out = data_out});
    }
    /// Plans the command, and carries it out with these data.
    logical_unit::finished run(std::span<const std::byte> cdb, const bytes& data = {}) {
        const auto planned = plan(cdb, data.size());
        if (!planned.collects()) return {planned.outcome, planned.parameters};
        EXPECT_EQ(planned.length, data.size());
        return unit.finish({.cdb = cdb, .nexus = "iqn.us,i,0x1", .data_out = data.size()}, data);
    }
    void put(std::uint64_t first, const bytes& data) {
        const auto to = unit.write(first * block_size, data.size());
        std::copy(data.begin(), data.end(), to.begin());
    }
    bytes content(std::uint64_t first, std::uint64_t count) const {
        const auto from = unit.read(first * block_size, count * block_size);
        return {from.begin(), from.end()};
    }

    target_options options_ = [] {
        target_options options;
        options.name = "iqn.2026-01.example:disk";
        options.luns.resize(1);
        options.luns[0].blocks = blocks;
        return options;
    }();
    ram_store store_;
    logical_unit unit{options_.luns[0], options_, 7, store_};
};

bytes twice(const bytes& first, const bytes& second) {
    auto both = first;
    both.insert(both.end(), second.begin(), second.end());
    return both;
}

TEST_F(unit_test, compare_and_write_writes_only_where_the_old_is_as_expected) {
    const auto old = pattern(block_size, 1), fresh = pattern(block_size, 2);
    put(3, old);
    const auto cdb = scsi::compare_and_write(lba{3}, block_count{1});
    EXPECT_EQ(run(cdb.bytes, twice(fresh, fresh)).outcome, sense::miscompare);
    EXPECT_EQ(content(3, 1), old);
    EXPECT_TRUE(run(cdb.bytes, twice(old, fresh)).outcome.good());
    EXPECT_EQ(content(3, 1), fresh);
    EXPECT_EQ(plan(cdb.bytes, block_size).outcome, sense::invalid_field_in_cdb) << "half the data";
    EXPECT_EQ(plan(scsi::compare_and_write(lba{64}, block_count{1}).bytes).outcome, sense::lba_out_of_range);
}

TEST_F(unit_test, orwrite_sets_bits_and_clears_none) {
    put(0, bytes(block_size, std::byte{0x0f}));
    EXPECT_TRUE(run(scsi::orwrite_16(lba{0}, block_count{1}).bytes, bytes(block_size, std::byte{0x3c})).outcome.good());
    EXPECT_EQ(content(0, 1), bytes(block_size, std::byte{0x3f}));
}

TEST_F(unit_test, write_same_fills_with_a_block_or_zeroes) {
    const auto block = pattern(block_size, 5);
    EXPECT_TRUE(run(scsi::write_same_32(lba{2}, block_count{2}).bytes, block).outcome.good());
    EXPECT_EQ(content(2, 2), twice(block, block));
    EXPECT_TRUE(run(scsi::write_same_16(lba{2}, block_count{1}, {.no_data_out = true}).bytes).outcome.good());
    EXPECT_EQ(content(2, 2), twice(bytes(block_size), block));
    const auto cdb = scsi::write_same_16(lba{0}, block_count{1});
    EXPECT_EQ(plan(cdb.bytes, 2 * block_size).outcome, sense::invalid_field_in_cdb);
    EXPECT_EQ(unit.finish({.cdb = cdb.bytes}, {}).outcome, sense::invalid_field_in_cdb) << "no block came";
}

TEST_F(unit_test, verify_compares_with_one_block_as_well) {
    const auto block = pattern(block_size, 5);
    put(0, twice(block, block));
    using enum scsi::byte_check;
    EXPECT_TRUE(run(scsi::verify_12(lba{0}, block_count{2}, one_block).bytes, block).outcome.good());
    EXPECT_EQ(run(scsi::verify_16(lba{0}, block_count{3}, one_block).bytes, block).outcome, sense::miscompare);
    EXPECT_EQ(run(scsi::verify_32(lba{1}, block_count{2}, one_block).bytes, block).outcome, sense::miscompare);
    EXPECT_EQ(plan(scsi::verify_12(lba{0}, block_count{2}, scsi::byte_check::blocks).bytes).kind,
              command_plan::transfer::compare_out);
}

TEST_F(unit_test, xdwriteread_replies_the_xor_and_writes_unless_told_not_to) {
    const auto old = pattern(block_size, 1), fresh = pattern(block_size, 2);
    put(1, old);
    bytes expected(block_size);
    for (std::size_t i = 0; i < block_size; ++i) expected[i] = old[i] ^ fresh[i];
    EXPECT_EQ(run(scsi::xdwriteread_10(lba{1}, block_count{1}, {}, false).bytes, fresh).reply, expected);
    EXPECT_EQ(content(1, 1), old);
    EXPECT_EQ(run(scsi::xdwriteread_32(lba{1}, block_count{1}).bytes, fresh).reply, expected);
    EXPECT_EQ(content(1, 1), fresh);
    const auto planned = plan(scsi::xdwriteread_10(lba{1}, block_count{1}).bytes);
    EXPECT_EQ(planned.kind, command_plan::transfer::exchange);
    EXPECT_EQ(planned.read_length, block_size);
}

TEST_F(unit_test, thirty_two_byte_commands_find_their_range) {
    const auto read = plan(scsi::read_32(lba{3}, block_count{2}).bytes);
    EXPECT_EQ(read.kind, command_plan::transfer::medium_in);
    EXPECT_EQ(read.offset, 3 * block_size);
    EXPECT_EQ(read.length, 2 * block_size);
    EXPECT_EQ(plan(scsi::write_32(lba{3}, block_count{2}).bytes).kind, command_plan::transfer::medium_out);
    EXPECT_EQ(plan(scsi::read_32(lba{63}, block_count{2}).bytes).outcome, sense::lba_out_of_range);
    EXPECT_EQ(plan(scsi::read_32(lba{0}, block_count{1}, {.protect = 1}).bytes).outcome, sense::invalid_field_in_cdb);
    const auto cut = scsi::read_32(lba{0}, block_count{1}).first();
    EXPECT_EQ(plan(cut).outcome, sense::invalid_field_in_cdb) << "its second half did not come";
}

TEST_F(unit_test, an_atomic_write_is_bounded_and_has_no_boundary) {
    EXPECT_TRUE(run(scsi::write_atomic_16(lba{0}, block_count{2}).bytes, pattern(2 * block_size)).outcome.good());
    EXPECT_EQ(content(0, 2), pattern(2 * block_size));
    EXPECT_EQ(plan(scsi::write_atomic_16(lba{0}, block_count{2}, 1).bytes).outcome, sense::invalid_field_in_cdb);
}

TEST_F(unit_test, lba_status_follows_writes_and_unmaps) {
    const auto status = [&](std::uint64_t first) {
        return scsi::parse_lba_status(run(scsi::get_lba_status(lba{first}, 1000).bytes).reply).value;
    };
    using enum scsi::provisioning_status;
    EXPECT_THAT(status(0), ElementsAre(scsi::lba_status{lba{0}, block_count{64}, deallocated}));
    ASSERT_TRUE(plan(scsi::write_10(lba{9}, block_count{8}).bytes).outcome.good());
    EXPECT_THAT(status(4),
                ElementsAre(scsi::lba_status{lba{4}, block_count{4}, deallocated},
                            scsi::lba_status{lba{8}, block_count{16}, mapped},
                            scsi::lba_status{lba{24}, block_count{40}, deallocated}));
    const scsi::block_range range{lba{8}, block_count{15}};
    ASSERT_TRUE(run(scsi::unmap(24).bytes, scsi::unmap_parameter_list({&range, 1})).outcome.good());
    EXPECT_THAT(status(8),
                ElementsAre(scsi::lba_status{lba{8}, block_count{8}, deallocated},
                            scsi::lba_status{lba{16}, block_count{8}, mapped},
                            scsi::lba_status{lba{24}, block_count{40}, deallocated}))
        << "a granule of which a block was left stays mapped";
    EXPECT_EQ(plan(scsi::get_lba_status(lba{64}, 24).bytes).outcome, sense::lba_out_of_range);
}

TEST_F(unit_test, mode_select_changes_what_can_be_changed_and_nothing_else) {
    const auto select = [&](const scsi::mode_page_data& page) {
        const auto list = scsi::mode_parameter_list_6({.pages = {page}});
        return run(scsi::mode_select_6(static_cast<std::uint8_t>(list.size()), false).bytes, list).outcome;
    };
    const auto pages = [&](scsi::page_control values) {
        const auto reply = run(scsi::mode_sense_6({.values = values}, 255).bytes).reply;
        return scsi::parse_mode_data_6(reply).value.pages;
    };
    auto control = pages(scsi::page_control::current)[1];
    control.parameters[2] = std::byte{0x08};  // SWP
    EXPECT_TRUE(select(control).good());
    EXPECT_EQ(plan(scsi::write_10(lba{0}, block_count{1}).bytes).outcome, sense::software_write_protected);
    EXPECT_TRUE(plan(scsi::read_10(lba{0}, block_count{1}).bytes).outcome.good());
    EXPECT_EQ(pages(scsi::page_control::current)[1], control);
    EXPECT_EQ(pages(scsi::page_control::preset)[1].parameters[2], std::byte{0});
    control.parameters[2] = std::byte{0x18};  // a bit that cannot be changed
    EXPECT_EQ(select(control), sense::invalid_field_in_parameters);
    EXPECT_EQ(select({.page = 0x1c, .parameters = bytes(10)}), sense::invalid_field_in_parameters);
    unit.reset();
    EXPECT_TRUE(plan(scsi::write_10(lba{0}, block_count{1}).bytes).outcome.good());
    EXPECT_EQ(plan(scsi::mode_select_6(12, true).bytes).outcome, sense::invalid_field_in_cdb) << "nothing is saved";
    auto caching = pages(scsi::page_control::current)[0];
    caching.parameters[0] = std::byte{0x04};
    EXPECT_TRUE(select(caching).good());
    const auto reply = run(scsi::mode_sense_6(scsi::mode_page::caching, 255).bytes).reply;
    EXPECT_EQ(scsi::parse_mode_sense_6(reply).value.write_cache_enabled, true);
}

TEST_F(unit_test, stopped_unit_is_not_ready_until_it_is_started) {
    EXPECT_TRUE(plan(scsi::start_stop_unit({.start = false}).bytes).outcome.good());
    EXPECT_EQ(plan(scsi::test_unit_ready().bytes).outcome, sense::stopped);
    EXPECT_EQ(plan(scsi::read_10(lba{0}, block_count{1}).bytes).outcome, sense::stopped);
    EXPECT_TRUE(plan(scsi::read_capacity_10().bytes).outcome.good());
    EXPECT_EQ(plan(scsi::start_stop_unit({.load_or_eject = true}).bytes).outcome, sense::invalid_field_in_cdb);
    EXPECT_TRUE(plan(scsi::start_stop_unit({}).bytes).outcome.good());
    EXPECT_TRUE(plan(scsi::test_unit_ready().bytes).outcome.good());
}

TEST_F(unit_test, supported_operations_are_those_that_it_carries_out) {
    const auto reply = run(scsi::report_supported_operations(10000).bytes).reply;
    const auto list = scsi::parse_supported_operations(reply);
    ASSERT_FALSE(list.error) << list.detail;
    EXPECT_GT(list.value.list.size(), 60U);
    for (const auto& one : list.value.list) {
        bytes cdb(32);
        cdb[0] = static_cast<std::byte>(one.operation_code);
        if (one.operation_code == 0x7f)
            pdu::store_be<2>(cdb.data() + 8, one.service_action.value());
        else if (one.service_action)
            cdb[1] = static_cast<std::byte>(*one.service_action);
        EXPECT_NE(plan(cdb).outcome, sense::invalid_opcode) << unsigned{one.operation_code};
        EXPECT_NE(scsi::find_command(cdb), nullptr) << unsigned{one.operation_code};
    }
    EXPECT_EQ(plan(bytes(32, std::byte{0xd1})).outcome, sense::invalid_opcode);
}

TEST_F(unit_test, one_supported_operation_shows_its_bits) {
    const auto ask = [&](std::uint8_t code, std::optional<std::uint16_t> action) {
        return run(scsi::report_supported_operation(code, action, 100, true).bytes);
    };
    const auto read = scsi::parse_supported_operation(ask(0x28, std::nullopt).reply).value;
    EXPECT_EQ(read.support, scsi::operation_support::standard);
    EXPECT_EQ(read.cdb_usage.size(), 10U);
    EXPECT_TRUE(read.timeouts);
    EXPECT_EQ(scsi::parse_supported_operation(ask(0x7f, 9).reply).value.cdb_usage.size(), 32U);
    EXPECT_EQ(scsi::parse_supported_operation(ask(0xd1, std::nullopt).reply).value.support,
              scsi::operation_support::none);
    EXPECT_EQ(ask(0x5e, std::nullopt).outcome, sense::invalid_field_in_cdb) << "it has service actions";
    EXPECT_EQ(ask(0x28, 1).outcome, sense::invalid_field_in_cdb) << "it has none";
    const auto management = run(scsi::report_supported_task_management(16).bytes).reply;
    const auto functions = scsi::parse_supported_task_management(management).value;
    EXPECT_TRUE(functions.abort_task && functions.logical_unit_reset && !functions.query_task);
}

TEST_F(unit_test, port_groups_and_logs_are_told) {
    for (const bool extended : {false, true}) {
        const auto reply = run(scsi::report_target_port_groups(100, extended).bytes).reply;
        EXPECT_THAT(scsi::parse_target_port_groups(reply).value,
                    ElementsAre(scsi::target_port_group{.number = 7, .supported_states = 1, .ports = {1}}));
    }
    const auto pages = run(scsi::log_sense({}, 100).bytes).reply;
    EXPECT_THAT(scsi::parse_supported_log_pages(pages).value, ElementsAre(0x00, 0x0c));
    ASSERT_TRUE(plan(scsi::write_10(lba{0}, block_count{1}).bytes).outcome.good());
    const auto provisioning = run(scsi::log_sense({.page = 0x0c}, 100).bytes).reply;
    const auto parameters = scsi::parse_log_parameters(provisioning).value;
    ASSERT_EQ(parameters.size(), 1U);
    EXPECT_EQ(pdu::load_be<4>(parameters[0].value.data()), 8U) << "one granule of 4096 bytes";
    EXPECT_EQ(plan(scsi::log_sense({.page = 0x2f}, 100).bytes).outcome, sense::invalid_field_in_cdb);
}

}  // namespace
}  // namespace persiscsi::target::test
