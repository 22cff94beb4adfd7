// SPDX-License-Identifier: Apache-2.0
#include "tests/target/reservations.hpp"

#include "initiator/scsi/persistent_reserve_in.hpp"
#include "initiator/scsi/persistent_reserve_out.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace persiscsi::target::test {
namespace {

using scsi::reservation_key;
using scsi::reservation_type;
using scsi::reserve_out_action;
using testing::ElementsAre;
using testing::UnorderedElementsAre;

const std::string us = "iqn.us,i,0x800000000001";
const std::string them = "iqn.them,i,0x800000000002";
const std::string nobody = "iqn.nobody,i,0x800000000003";

constexpr auto kind_reads = reservations::kind::reads;
constexpr auto kind_writes = reservations::kind::writes;

class reservation_test : public testing::Test {
  protected:
    scsi_outcome out(const std::string& nexus,
                     reserve_out_action action,
                     std::uint64_t key,
                     std::uint64_t service_action = 0,
                     reservation_type type = reservation_type::write_exclusive) {
        const auto list = scsi::reserve_parameter_list(
            {.key = reservation_key{key}, .service_action = reservation_key{service_action}});
        const auto cdb = scsi::persistent_reserve_out(action, type, static_cast<std::uint32_t>(list.size()));
        const command_request request{.cdb = cdb.bytes, .nexus = nexus};
        const auto plan = reservations::plan_out(request);
        return plan.outcome.good() ? all.out(request, list) : plan.outcome;
    }
    std::vector<reservation_key> keys() const {
        const auto cdb = scsi::persistent_reserve_in(scsi::reserve_in_action::read_keys, 1000);
        return scsi::parse_read_keys(all.in(cdb.bytes).parameters).value.keys;
    }
    std::optional<scsi::reservation> held() const {
        const auto cdb = scsi::persistent_reserve_in(scsi::reserve_in_action::read_reservation, 1000);
        return scsi::parse_read_reservation(all.in(cdb.bytes).parameters).value.held;
    }
    void register_both() {
        ASSERT_TRUE(out(us, reserve_out_action::register_key, 0, 1).good());
        ASSERT_TRUE(out(them, reserve_out_action::register_key, 0, 2).good());
    }

    reservations all;
};

TEST_F(reservation_test, keys_are_registered_changed_and_taken_away) {
    register_both();
    EXPECT_THAT(keys(), UnorderedElementsAre(reservation_key{1}, reservation_key{2}));
    EXPECT_EQ(out(us, reserve_out_action::register_key, 7, 9), sense::reservation_conflict) << "not our key";
    EXPECT_TRUE(out(us, reserve_out_action::register_key, 1, 9).good());
    EXPECT_THAT(keys(), UnorderedElementsAre(reservation_key{9}, reservation_key{2}));
    EXPECT_TRUE(out(us, reserve_out_action::register_and_ignore_existing_key, 7, 5).good());
    EXPECT_TRUE(out(us, reserve_out_action::register_key, 5, 0).good());
    EXPECT_THAT(keys(), ElementsAre(reservation_key{2}));
    EXPECT_TRUE(out(nobody, reserve_out_action::register_key, 0, 0).good()) << "nothing to take away";
}

TEST_F(reservation_test, each_type_lets_in_whom_it_should) {
    const struct {
        reservation_type type;
        bool registrant_reads, registrant_writes, stranger_reads;
    } table[] = {{reservation_type::write_exclusive, true, false, true},
                 {reservation_type::exclusive_access, false, false, false},
                 {reservation_type::write_exclusive_registrants_only, true, true, true},
                 {reservation_type::exclusive_access_registrants_only, true, true, false},
                 {reservation_type::write_exclusive_all_registrants, true, true, true},
                 {reservation_type::exclusive_access_all_registrants, true, true, false}};
    for (const auto& row : table) {
        all = {};
        register_both();
        ASSERT_TRUE(out(us, reserve_out_action::reserve, 1, 0, row.type).good());
        const auto type = static_cast<unsigned>(row.type);
        EXPECT_FALSE(all.conflicts(us, kind_writes)) << type;
        EXPECT_EQ(!all.conflicts(them, kind_reads), row.registrant_reads) << type;
        EXPECT_EQ(!all.conflicts(them, kind_writes), row.registrant_writes) << type;
        EXPECT_EQ(!all.conflicts(nobody, kind_reads), row.stranger_reads) << type;
        EXPECT_TRUE(all.conflicts(nobody, kind_writes)) << type;
        EXPECT_FALSE(all.conflicts(nobody, reservations::kind::looks)) << type;
        EXPECT_EQ(held()->type, row.type);
    }
}

TEST_F(reservation_test, only_a_registrant_reserves_and_only_the_holder_releases) {
    EXPECT_EQ(out(nobody, reserve_out_action::reserve, 0), sense::reservation_conflict);
    register_both();
    EXPECT_TRUE(out(us, reserve_out_action::reserve, 1).good());
    EXPECT_TRUE(out(us, reserve_out_action::reserve, 1).good()) << "the same once more";
    EXPECT_EQ(out(us, reserve_out_action::reserve, 1, 0, reservation_type::exclusive_access),
              sense::reservation_conflict);
    EXPECT_EQ(out(them, reserve_out_action::reserve, 2), sense::reservation_conflict);
    EXPECT_TRUE(out(them, reserve_out_action::release, 2).good());
    EXPECT_EQ(held()->holder, reservation_key{1}) << "a release by another does nothing";
    EXPECT_EQ(out(us, reserve_out_action::release, 1, 0, reservation_type::exclusive_access), sense::invalid_release);
    EXPECT_TRUE(out(us, reserve_out_action::release, 1).good());
    EXPECT_EQ(held(), std::nullopt);
}

TEST_F(reservation_test, preempt_takes_the_reservation_and_tells_the_victim) {
    register_both();
    ASSERT_TRUE(out(us, reserve_out_action::reserve, 1).good());
    EXPECT_TRUE(out(them, reserve_out_action::preempt, 2, 1, reservation_type::exclusive_access).good());
    EXPECT_EQ(held()->holder, reservation_key{2});
    EXPECT_EQ(held()->type, reservation_type::exclusive_access);
    EXPECT_THAT(keys(), ElementsAre(reservation_key{2}));
    EXPECT_EQ(all.take_attention(us), sense::registrations_preempted);
    EXPECT_EQ(all.take_attention(us), std::nullopt) << "told once";
    EXPECT_EQ(out(us, reserve_out_action::preempt, 1, 2), sense::reservation_conflict) << "registered no more";
    EXPECT_EQ(out(them, reserve_out_action::preempt, 2, 77), sense::reservation_conflict) << "a key of nobody";
}

TEST_F(reservation_test, clear_and_the_loss_of_a_holder_end_the_reservation) {
    register_both();
    ASSERT_TRUE(out(us, reserve_out_action::reserve, 1, 0, reservation_type::write_exclusive_registrants_only).good());
    EXPECT_TRUE(out(us, reserve_out_action::register_key, 1, 0).good());
    EXPECT_EQ(held(), std::nullopt);
    EXPECT_EQ(all.take_attention(them), sense::reservations_released);
    EXPECT_TRUE(out(them, reserve_out_action::clear, 2).good());
    EXPECT_TRUE(keys().empty());
}

TEST_F(reservation_test, move_gives_the_reservation_to_the_nexus_named) {
    register_both();
    ASSERT_TRUE(out(us, reserve_out_action::reserve, 1).good());
    const auto id = scsi::encode_transport_id({.name = "iqn.nobody", .isid = 0x800000000003});
    const auto list = scsi::reserve_move_list(
        {.key = reservation_key{1}, .service_action = reservation_key{3}, .unregister = true}, id);
    const auto cdb = scsi::persistent_reserve_out(
        reserve_out_action::register_and_move, reservation_type{}, static_cast<std::uint32_t>(list.size()));
    EXPECT_TRUE(all.out({.cdb = cdb.bytes, .nexus = us}, list).good());
    EXPECT_EQ(held()->holder, reservation_key{3});
    EXPECT_FALSE(all.conflicts(nobody, kind_writes));
    EXPECT_TRUE(all.conflicts(us, kind_writes));
    EXPECT_THAT(keys(), UnorderedElementsAre(reservation_key{2}, reservation_key{3}));
}

TEST_F(reservation_test, full_status_names_every_registrant) {
    register_both();
    ASSERT_TRUE(out(us, reserve_out_action::reserve, 1).good());
    const auto cdb = scsi::persistent_reserve_in(scsi::reserve_in_action::read_full_status, 1000);
    const auto status = scsi::parse_read_full_status(all.in(cdb.bytes).parameters);
    ASSERT_FALSE(status.error) << status.detail;
    ASSERT_EQ(status.value.registrants.size(), 2U);
    for (const auto& one : status.value.registrants) {
        const auto port = scsi::parse_transport_id(one.transport_id).value;
        EXPECT_EQ(one.holds_reservation, port.name == "iqn.us");
        EXPECT_EQ(one.key, reservation_key{port.name == "iqn.us" ? 1U : 2U});
        EXPECT_TRUE(port.isid);
    }
}

TEST_F(reservation_test, reserve_6_excludes_others_and_not_with_registrations) {
    EXPECT_TRUE(all.reserve_6(us).good());
    EXPECT_EQ(all.reserve_6(them), sense::reservation_conflict);
    EXPECT_TRUE(all.conflicts(them, reservations::kind::looks));
    EXPECT_FALSE(all.conflicts(them, reservations::kind::always));
    EXPECT_EQ(out(them, reserve_out_action::register_key, 0, 2), sense::reservation_conflict);
    EXPECT_TRUE(all.release_6(them).good());
    EXPECT_TRUE(all.conflicts(them, kind_reads)) << "not theirs to release";
    all.forget(us);
    EXPECT_FALSE(all.conflicts(them, kind_reads));
    register_both();
    EXPECT_EQ(all.reserve_6(us), sense::reservation_conflict);
}

TEST_F(reservation_test, wrong_parameters_have_their_sense) {
    register_both();
    const auto plan = [](std::uint8_t action, std::uint8_t scope_type, std::uint8_t length) {
        std::array<std::byte, 16> cdb{std::byte{0x5f}, std::byte{action}, std::byte{scope_type}};
        cdb[8] = std::byte{length};
        return reservations::plan_out({.cdb = cdb}).outcome;
    };
    EXPECT_EQ(plan(0x01, 0x02, 24), sense::invalid_field_in_cdb) << "no such type";
    EXPECT_EQ(plan(0x01, 0x11, 24), sense::invalid_field_in_cdb) << "no such scope";
    EXPECT_EQ(plan(0x09, 0x01, 24), sense::invalid_field_in_cdb);
    EXPECT_EQ(plan(0x01, 0x01, 23), sense::parameter_list_length);
    EXPECT_EQ(plan(0x07, 0x01, 23), sense::parameter_list_length);
    auto list = scsi::reserve_parameter_list({.key = reservation_key{1}, .persist = true});
    const auto cdb = scsi::persistent_reserve_out(reserve_out_action::reserve, reservation_type::write_exclusive, 24);
    EXPECT_EQ(all.out({.cdb = cdb.bytes, .nexus = us}, list), sense::invalid_field_in_parameters) << "APTPL";
    list.pop_back();
    EXPECT_EQ(all.out({.cdb = cdb.bytes, .nexus = us}, list), sense::parameter_list_length);
}

}  // namespace
}  // namespace persiscsi::target::test
