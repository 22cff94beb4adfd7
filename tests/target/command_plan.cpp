// SPDX-License-Identifier: Apache-2.0
#include "tests/target/command_plan.hpp"

#include <utility>

namespace persiscsi::target {
namespace {

constexpr std::uint64_t most_parameters = 16 * 1024 * 1024;

}  // namespace

command_plan ends(scsi_outcome outcome) {
    command_plan plan;
    plan.outcome = outcome;
    return plan;
}

command_plan answers(std::vector<std::byte> data, std::uint64_t allocation_length) {
    command_plan plan;
    plan.kind = command_plan::transfer::parameters_in;
    if (data.size() > allocation_length) data.resize(allocation_length);
    plan.length = data.size();
    plan.parameters = std::move(data);
    return plan;
}

command_plan collects(std::uint64_t length) {
    if (length > most_parameters) return fails(sense::invalid_field_in_cdb);
    command_plan plan;
    plan.kind = command_plan::transfer::parameters_out;
    plan.length = length;
    return plan;
}

}  // namespace persiscsi::target
