// SPDX-License-Identifier: Apache-2.0
#include "initiator/scsi/errors.hpp"

#include <gtest/gtest.h>

#include <set>

namespace persiscsi::scsi {
namespace {

sense_data sense(sense_key key, std::uint8_t asc = 0, std::uint8_t ascq = 0) {
    return {.key = key, .asc = asc, .ascq = ascq};
}

std::error_code checked(const sense_data& reported) {
    return to_error(status::check_condition, reported);
}

TEST(scsi_errors, each_value_has_one_row_with_its_own_name_and_text) {
    std::set<std::string> names;
    std::set<std::string> texts;
    int value = 0;
    for (const auto& row : scsi_errors) {
        EXPECT_EQ(static_cast<int>(row.value), ++value) << "rows stand in the order of the enum: " << row.name;
        names.emplace(row.name);
        texts.emplace(row.text);
        const std::error_code code = row.value;
        EXPECT_EQ(code.message(), row.text);
        EXPECT_EQ(classify(code), row.what_next);
    }
    EXPECT_EQ(value, static_cast<int>(scsi_errc::malformed_reply));
    EXPECT_EQ(names.size(), std::size(scsi_errors));
    EXPECT_EQ(texts.size(), std::size(scsi_errors));
}

TEST(scsi_errors, good_and_condition_met_are_no_errors_whatever_sense_came_along) {
    EXPECT_FALSE(to_error(status::good, std::nullopt));
    EXPECT_FALSE(to_error(status::good, sense(sense_key::medium_error)));
    EXPECT_FALSE(to_error(status::condition_met, std::nullopt));
}

TEST(scsi_errors, each_status_has_its_error) {
    EXPECT_EQ(to_error(status::check_condition, std::nullopt), scsi_errc::check_condition);
    EXPECT_EQ(to_error(status::busy, std::nullopt), scsi_errc::busy);
    EXPECT_EQ(to_error(status::reservation_conflict, std::nullopt), scsi_errc::reservation_conflict);
    EXPECT_EQ(to_error(status::task_set_full, std::nullopt), scsi_errc::task_set_full);
    EXPECT_EQ(to_error(status::aca_active, std::nullopt), scsi_errc::aca_active);
    EXPECT_EQ(to_error(status::task_aborted, std::nullopt), scsi_errc::task_aborted);
    for (const unsigned unknown : {0x01U, 0x03U, 0x10U, 0x22U, 0xffU})
        EXPECT_EQ(to_error(static_cast<status>(unknown), std::nullopt), scsi_errc::unexpected_status) << unknown;
}

TEST(scsi_errors, each_sense_key_has_its_error) {
    EXPECT_EQ(checked(sense(sense_key::no_sense)), scsi_errc::check_condition);
    EXPECT_EQ(checked(sense(sense_key::not_ready, 0x04, 0x01)), scsi_errc::not_ready);
    EXPECT_EQ(checked(sense(sense_key::not_ready, 0x3a, 0x02)), scsi_errc::medium_not_present);
    EXPECT_EQ(checked(sense(sense_key::medium_error, 0x11)), scsi_errc::medium_error);
    EXPECT_EQ(checked(sense(sense_key::hardware_error, 0x44)), scsi_errc::hardware_error);
    EXPECT_EQ(checked(sense(sense_key::unit_attention, 0x29)), scsi_errc::unit_attention);
    EXPECT_EQ(checked(sense(sense_key::data_protect, 0x27, 0x00)), scsi_errc::data_protect);
    EXPECT_EQ(checked(sense(sense_key::data_protect, 0x27, 0x07)), scsi_errc::out_of_space);
    EXPECT_EQ(checked(sense(sense_key::aborted_command)), scsi_errc::aborted_command);
    EXPECT_EQ(checked(sense(sense_key::miscompare, 0x1d)), scsi_errc::miscompare);
    EXPECT_EQ(checked(sense(sense_key::blank_check)), scsi_errc::check_condition);
    EXPECT_EQ(checked(sense(static_cast<sense_key>(0xc))), scsi_errc::check_condition);
}

TEST(scsi_errors, an_illegal_request_is_told_apart_by_its_additional_code) {
    EXPECT_EQ(checked(sense(sense_key::illegal_request, 0x20, 0x00)), scsi_errc::invalid_command);
    EXPECT_EQ(checked(sense(sense_key::illegal_request, 0x20, 0x02)), scsi_errc::illegal_request);
    EXPECT_EQ(checked(sense(sense_key::illegal_request, 0x21, 0x00)), scsi_errc::lba_out_of_range);
    EXPECT_EQ(checked(sense(sense_key::illegal_request, 0x21, 0x01)), scsi_errc::illegal_request);
    EXPECT_EQ(checked(sense(sense_key::illegal_request, 0x24, 0x00)), scsi_errc::invalid_field);
    EXPECT_EQ(checked(sense(sense_key::illegal_request, 0x25, 0x00)), scsi_errc::lun_not_supported);
    EXPECT_EQ(checked(sense(sense_key::illegal_request, 0x26, 0x02)), scsi_errc::invalid_field);
    EXPECT_EQ(checked(sense(sense_key::illegal_request, 0x55, 0x03)), scsi_errc::illegal_request);
}

TEST(scsi_errors, a_recovered_error_did_its_work_a_deferred_one_did_nothing) {
    EXPECT_FALSE(checked(sense(sense_key::recovered_error, 0x17)));
    for (const auto key : {sense_key::recovered_error, sense_key::medium_error}) {
        auto deferred = sense(key);
        deferred.deferred = true;
        EXPECT_EQ(checked(deferred), scsi_errc::deferred_error);
    }
}

TEST(scsi_errors, only_what_may_pass_by_itself_is_worth_another_try) {
    for (const auto code : {scsi_errc::not_ready,
                            scsi_errc::unit_attention,
                            scsi_errc::aborted_command,
                            scsi_errc::busy,
                            scsi_errc::task_set_full,
                            scsi_errc::aca_active,
                            scsi_errc::task_aborted})
        EXPECT_EQ(classify(code), error_class::retry_later) << std::error_code(code).message();
    for (const auto code : {scsi_errc::medium_error, scsi_errc::lba_out_of_range, scsi_errc::data_protect})
        EXPECT_EQ(classify(code), error_class::permanent) << std::error_code(code).message();
}

}  // namespace
}  // namespace persiscsi::scsi
