// SPDX-License-Identifier: Apache-2.0
#include "tests/target/report.hpp"

#include <utility>

namespace persiscsi::target {
namespace {

using counter = std::pair<const char*, std::uint64_t target_counters::*>;

constexpr counter rows[] = {
    {"connections", &target_counters::connections},
    {"logins", &target_counters::logins},
    {"failed_logins", &target_counters::failed_logins},
    {"discoveries", &target_counters::discoveries},
    {"logouts", &target_counters::logouts},
    {"reinstatements", &target_counters::reinstatements},
    {"further_connections", &target_counters::further_connections},
    {"connection_reinstatements", &target_counters::connection_reinstatements},
    {"repeated_requests", &target_counters::repeated_requests},
    {"data_snacks", &target_counters::data_snacks},
    {"status_snacks", &target_counters::status_snacks},
    {"data_acks", &target_counters::data_acks},
    {"r_data_snacks", &target_counters::r_data_snacks},
    {"recovery_r2ts", &target_counters::recovery_r2ts},
    {"reassigns", &target_counters::reassigns},
    {"commands", &target_counters::commands},
    {"bytes_read", &target_counters::bytes_read},
    {"bytes_written", &target_counters::bytes_written},
    {"nop_in_answers", &target_counters::nop_in_answers},
    {"faults", &target_counters::faults},
};

}  // namespace

std::string report(const target_counters& counters, const std::vector<std::string>& violations) {
    std::string text;
    for (const auto& [name, member] : rows) text += std::string(name) + " " + std::to_string(counters.*member) + "\n";
    for (const auto& violation : violations) text += "violation " + violation + "\n";
    return text;
}

}  // namespace persiscsi::target
