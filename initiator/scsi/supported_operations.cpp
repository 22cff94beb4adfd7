// SPDX-License-Identifier: Apache-2.0
#include "initiator/scsi/supported_operations.hpp"

#include "initiator/scsi/cdb_fields.hpp"
#include "initiator/scsi/reply.hpp"

namespace persiscsi::scsi {
namespace {

constexpr const char* name = "REPORT SUPPORTED OPERATION CODES";
constexpr std::size_t descriptor_size = 8;
constexpr std::size_t timeouts_size = 12;

enum class reporting : std::uint8_t { all = 0, one = 1, one_with_service_action = 2 };

cdb report(reporting options, std::uint32_t allocation_length, bool with_timeouts) {
    auto made = make_cdb(0xa3, 12, 0x0c);
    put<2, 1>(made, static_cast<unsigned>(options) | (with_timeouts ? 0x80U : 0U));  // RCTD
    put<6, 4>(made, allocation_length);
    return made;
}

command_timeouts timeouts_at(std::span<const std::byte> descriptor) {
    return {.nominal = std::chrono::seconds(number_at<4>(descriptor, 4)),
            .recommended = std::chrono::seconds(number_at<4>(descriptor, 8))};
}

}  // namespace

cdb report_supported_operations(std::uint32_t allocation_length, bool with_timeouts) {
    return report(reporting::all, allocation_length, with_timeouts);
}

cdb report_supported_operation(std::uint8_t operation_code,
                               std::optional<std::uint16_t> service_action,
                               std::uint32_t allocation_length,
                               bool with_timeouts) {
    const auto options = service_action ? reporting::one_with_service_action : reporting::one;
    auto made = report(options, allocation_length, with_timeouts);
    put<3, 1>(made, operation_code);
    put<4, 2>(made, service_action.value_or(0));
    return made;
}

parsed<supported_operations> parse_supported_operations(std::span<const std::byte> reply) {
    using result = supported_operations;
    if (reply.size() < 4) return too_short<result>(name, reply.size(), 4);
    const auto length = number_at<4>(reply, 0);
    const bool whole = reply.size() >= 4 + length;
    parsed<result> found{.value = {.whole_size = 4 + length}};
    for (auto rest = part_of(reply, 4, length); !rest.empty();) {
        const bool timed = bit_at(rest, 5, 1);               // CTDP
        const bool has_service_action = bit_at(rest, 5, 0);  // SERVACTV
        const auto size = descriptor_size + (timed ? timeouts_size : 0);
        if (size > rest.size()) {
            if (!whole) break;
            return malformed<result>(std::string(name) + ": a descriptor of " + std::to_string(size) + " bytes with " +
                                     std::to_string(rest.size()) + " left");
        }
        supported_operation one{.operation_code = byte_at(rest, 0),
                                .cdb_size = static_cast<std::uint16_t>(number_at<2>(rest, 6))};
        if (has_service_action) one.service_action = static_cast<std::uint16_t>(number_at<2>(rest, 2));
        if (timed) one.timeouts = timeouts_at(rest.subspan(descriptor_size));
        found.value.list.push_back(one);
        rest = rest.subspan(size);
    }
    return found;
}

parsed<operation_usage> parse_supported_operation(std::span<const std::byte> reply) {
    using result = operation_usage;
    if (reply.size() < 4) return too_short<result>(name, reply.size(), 4);
    const std::size_t size = number_at<2>(reply, 2);
    const bool timed = bit_at(reply, 1, 7);  // CTDP
    const auto least = 4 + size + (timed ? timeouts_size : 0);
    parsed<result> found{.value = {.support = static_cast<operation_support>(byte_at(reply, 1) & 0x07U)}};
    const bool supported =
        found.value.support == operation_support::standard || found.value.support == operation_support::vendor_specific;
    if (!supported) return found;
    if (reply.size() < least) return too_short<result>(name, reply.size(), least);
    const auto usage = part_of(reply, 4, size);
    found.value.cdb_usage.assign(usage.begin(), usage.end());
    if (timed) found.value.timeouts = timeouts_at(reply.subspan(4 + size));
    return found;
}

cdb report_supported_task_management(std::uint32_t allocation_length) {
    auto made = make_cdb(0xa3, 12, 0x0d);
    put<6, 4>(made, allocation_length);
    return made;
}

parsed<supported_task_management> parse_supported_task_management(std::span<const std::byte> reply) {
    if (reply.size() < 4)
        return too_short<supported_task_management>("REPORT SUPPORTED TASK MANAGEMENT FUNCTIONS", reply.size(), 4);
    return {.value = {.abort_task = bit_at(reply, 0, 7),
                      .abort_task_set = bit_at(reply, 0, 6),
                      .clear_aca = bit_at(reply, 0, 5),
                      .clear_task_set = bit_at(reply, 0, 4),
                      .logical_unit_reset = bit_at(reply, 0, 3),
                      .query_task = bit_at(reply, 0, 2),
                      .query_asynchronous_event = bit_at(reply, 1, 2),
                      .query_task_set = bit_at(reply, 1, 1),
                      .i_t_nexus_reset = bit_at(reply, 1, 0)}};
}

}  // namespace persiscsi::scsi
