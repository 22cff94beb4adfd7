// SPDX-License-Identifier: Apache-2.0
// block_operations and unit_sharing against the scripted target over real sockets.
#include "initiator/block_operations.hpp"
#include "initiator/scsi/errors.hpp"
#include "initiator/unit_sharing.hpp"
#include "tests/integration/initiator/session_fixture.hpp"

#include <gmock/gmock.h>

namespace persiscsi::test {
namespace {

using scsi::block_count;
using scsi::lba;
using scsi::reservation_key;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr auto type = scsi::reservation_type::write_exclusive_registrants_only;
constexpr pdu::lun_id lun_0{0};

struct unit_operations : session_fixture {
    std::unique_ptr<session> log_in_as(const std::string& name) {
        auto with = options();
        with.login.initiator_name = "iqn.2026-11.org.persiscsi:" + name;
        auto made = std::make_unique<session>(io.get_executor(), with);
        EXPECT_FALSE(log_in(*made)) << story;
        return made;
    }
    /// The result of an operation that has one; `failed` is its error.
    template <class Result, class Start>
    Result ask(Start start) {
        Result result{};
        failed = wait([&](auto then) {
            start([&, then](error_code error, Result got) mutable {
                result = std::move(got);
                then(error);
            });
        });
        return result;
    }
    error_code persistent_reserve(session& as,
                                  scsi::reserve_out_action action,
                                  std::uint64_t key,
                                  std::uint64_t service_action = 0) {
        unit_sharing unit(as, lun_0);
        const scsi::reserve_parameters what{.key = reservation_key{key},
                                            .service_action = reservation_key{service_action}};
        return wait([&](auto then) { unit.async_persistent_reserve(action, type, what, story, then); });
    }
    error_code failed;
};

TEST_F(unit_operations, compare_and_write_is_all_or_nothing) {
    start_target();
    const auto session = log_in_as("host");
    const auto old = pattern(2 * block_size, 1), fresh = pattern(2 * block_size, 2);
    ASSERT_FALSE(write({*session, lun_0}, 5, old)) << story;
    const auto compare_and_write = [&](const std::vector<std::byte>& expected, const std::vector<std::byte>& to) {
        auto both = expected;
        both.insert(both.end(), to.begin(), to.end());
        block_operations unit(*session, lun_0);
        return wait([&](auto then) { unit.async_compare_and_write(lba{5}, block_size, both, story, then); });
    };
    EXPECT_EQ(compare_and_write(fresh, old), make_error_code(scsi_errc::miscompare));
    EXPECT_THAT(story, HasSubstr("compare and write 2 blocks at LBA 5 of LUN 0: MISCOMPARE"));
    EXPECT_FALSE(compare_and_write(old, fresh)) << story;
    std::vector<std::byte> there(2 * block_size);
    ASSERT_FALSE(read({*session, lun_0}, 5, there)) << story;
    EXPECT_EQ(there, fresh);
}

TEST_F(unit_operations, write_same_verify_and_compare) {
    start_target();
    const auto session = log_in_as("host");
    block_operations unit(*session, lun_0);
    const auto block = pattern(block_size, 3);
    const auto same = [&](std::span<const std::byte> of, scsi::same_options how) {
        return wait([&](auto then) { unit.async_write_same(lba{8}, block_count{3}, of, how, story, then); });
    };
    const auto compare = [&](std::uint64_t at, const std::vector<std::byte>& with) {
        return wait([&](auto then) { unit.async_compare(lba{at}, block_size, with, story, then); });
    };
    EXPECT_FALSE(same(block, {})) << story;
    EXPECT_FALSE(compare(10, block)) << story;
    EXPECT_EQ(compare(11, block), make_error_code(scsi_errc::miscompare));
    EXPECT_FALSE(same({}, {.no_data_out = true})) << story;
    EXPECT_FALSE(compare(10, std::vector<std::byte>(block_size))) << story;
    EXPECT_FALSE(wait([&](auto then) { unit.async_verify(lba{8191}, block_count{1}, story, then); })) << story;
    EXPECT_EQ(wait([&](auto then) { unit.async_verify(lba{8191}, block_count{2}, story, then); }),
              make_error_code(scsi_errc::lba_out_of_range));
}

TEST_F(unit_operations, lba_status_tells_written_from_unmapped) {
    start_target();
    const auto session = log_in_as("host");
    block_operations unit(*session, lun_0);
    ASSERT_FALSE(write({*session, lun_0}, 8, pattern(8 * block_size))) << story;
    const auto status = [&](std::uint64_t first) {
        return ask<std::vector<scsi::lba_status>>(
            [&](auto then) { unit.async_lba_status(lba{first}, story, std::move(then)); });
    };
    using enum scsi::provisioning_status;
    EXPECT_THAT(status(0),
                ElementsAre(scsi::lba_status{lba{0}, block_count{8}, deallocated},
                            scsi::lba_status{lba{8}, block_count{8}, mapped},
                            scsi::lba_status{lba{16}, block_count{8176}, deallocated}));
    EXPECT_FALSE(failed) << story;
    EXPECT_TRUE(status(8192).empty());
    EXPECT_EQ(failed, make_error_code(scsi_errc::lba_out_of_range));
    EXPECT_THAT(story, HasSubstr("LBA status from 8192 on of LUN 0"));
}

TEST_F(unit_operations, a_reservation_keeps_other_hosts_out) {
    start_target();
    const auto us = log_in_as("us"), them = log_in_as("them");
    using enum scsi::reserve_out_action;
    ASSERT_FALSE(persistent_reserve(*us, register_key, 0, 0x11)) << story;
    ASSERT_FALSE(persistent_reserve(*us, scsi::reserve_out_action::reserve, 0x11)) << story;
    const auto data = pattern(block_size);
    EXPECT_FALSE(write({*us, lun_0}, 0, data)) << story;
    EXPECT_EQ(write({*them, lun_0}, 0, data), make_error_code(scsi_errc::reservation_conflict));
    std::vector<std::byte> there(block_size);
    EXPECT_FALSE(read({*them, lun_0}, 0, there)) << story;
    EXPECT_EQ(persistent_reserve(*them, preempt, 0x22, 0x11), make_error_code(scsi_errc::reservation_conflict));
    ASSERT_FALSE(persistent_reserve(*them, register_key, 0, 0x22)) << story;
    EXPECT_FALSE(persistent_reserve(*them, preempt, 0x22, 0x11)) << story;
    EXPECT_EQ(write({*us, lun_0}, 0, data), make_error_code(scsi_errc::reservation_conflict))
        << "after a unit attention, which the session takes";
}

TEST_F(unit_operations, reservations_are_told_to_whoever_asks) {
    start_target();
    const auto session = log_in_as("us");
    unit_sharing unit(*session, lun_0);
    ASSERT_FALSE(persistent_reserve(*session, scsi::reserve_out_action::register_key, 0, 0x11)) << story;
    const auto reservation = [&] {
        return ask<scsi::current_reservation>([&](auto then) { unit.async_read_reservation(story, std::move(then)); });
    };
    EXPECT_EQ(reservation().held, std::nullopt);
    ASSERT_FALSE(persistent_reserve(*session, scsi::reserve_out_action::reserve, 0x11)) << story;
    EXPECT_EQ(reservation().held, (scsi::reservation{reservation_key{0x11}, type, 0}));
    const auto keys = ask<scsi::registered_keys>([&](auto then) { unit.async_read_keys(story, std::move(then)); });
    EXPECT_THAT(keys.keys, ElementsAre(reservation_key{0x11}));
    const auto abilities =
        ask<scsi::reserve_capabilities>([&](auto then) { unit.async_reserve_capabilities(story, std::move(then)); });
    EXPECT_EQ(abilities.types->size(), 6U);
    const auto status = ask<scsi::full_status>([&](auto then) { unit.async_full_status(story, std::move(then)); });
    ASSERT_EQ(status.registrants.size(), 1U);
    EXPECT_TRUE(status.registrants[0].holds_reservation);
    EXPECT_EQ(scsi::parse_transport_id(status.registrants[0].transport_id).value,
              (scsi::iscsi_transport_id{.name = "iqn.2026-11.org.persiscsi:us", .isid = 0x800000001234}));
}

TEST_F(unit_operations, registrations_outlive_the_session_and_reserve_6_does_not) {
    start_target();
    auto us = log_in_as("us");
    ASSERT_FALSE(persistent_reserve(*us, scsi::reserve_out_action::register_key, 0, 0x11)) << story;
    ASSERT_FALSE(log_out(*us)) << story;
    const auto them = log_in_as("them");
    unit_sharing unit(*them, lun_0);
    const auto keys = ask<scsi::registered_keys>([&](auto then) { unit.async_read_keys(story, std::move(then)); });
    EXPECT_THAT(keys.keys, ElementsAre(reservation_key{0x11}));
}

TEST_F(unit_operations, reserve_6_ends_with_the_session) {
    start_target();
    auto us = log_in_as("us");
    const auto them = log_in_as("them");
    const auto ready = [&](session& as) {
        logical_unit unit(as, lun_0);
        return wait([&](auto then) { unit.async_test_unit_ready(story, then); });
    };
    ASSERT_FALSE(ready(*us)) << story;
    const scsi_task task{.lun = lun_0, .cdb = scsi::reserve_6().bytes};
    const auto outcome = ask<scsi_outcome>([&](auto then) { us->async_execute(task, story, std::move(then)); });
    ASSERT_EQ(outcome.status, 0);
    EXPECT_EQ(ready(*them), make_error_code(scsi_errc::reservation_conflict));
    ASSERT_FALSE(log_out(*us)) << story;
    EXPECT_FALSE(ready(*them)) << story;
}

TEST_F(unit_operations, what_must_not_be_done_twice_goes_again_after_unit_attentions_only) {
    disk().unit_attention = false;
    server.script = target::parse_fault_script(
        "on scsi_command(1): status(check_condition,06,2a,01)\n"
        "on scsi_command(2): status(check_condition,06,29,00)");
    start_target();
    const auto session = log_in_as("host");
    block_operations unit(*session, lun_0);
    const std::vector<std::byte> zeroes(2 * block_size);
    const auto once = [&] {
        return wait([&](auto then) { unit.async_compare_and_write(lba{0}, block_size, zeroes, story, then); });
    };
    EXPECT_FALSE(once()) << story;
    EXPECT_EQ(target->counters().commands, 3U);
    target->set_script(target::parse_fault_script("on scsi_command(1): status(check_condition,06,28,00)"));
    EXPECT_EQ(once(), make_error_code(scsi_errc::unit_attention)) << "the medium may be another one";
    target->set_script(target::parse_fault_script("on scsi_command(1): status(check_condition,0b,47,05)"));
    EXPECT_EQ(once(), make_error_code(scsi_errc::aborted_command)) << "it may have been carried out";
    target->set_script(target::parse_fault_script("on scsi_command(1): status(busy)"));
    EXPECT_EQ(once(), make_error_code(scsi_errc::busy));
    EXPECT_EQ(target->counters().commands, 6U);
}

TEST_F(unit_operations, target_port_groups_say_how_to_reach_the_unit) {
    start_target();
    const auto session = log_in_as("host");
    unit_sharing unit(*session, lun_0);
    const auto groups = ask<std::vector<scsi::target_port_group>>(
        [&](auto then) { unit.async_target_port_groups(story, std::move(then)); });
    ASSERT_EQ(groups.size(), 1U) << story;
    EXPECT_EQ(groups[0].state, scsi::access_state::active_optimized);
    EXPECT_THAT(groups[0].ports, ElementsAre(1));
}

}  // namespace
}  // namespace persiscsi::test
