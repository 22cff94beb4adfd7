// SPDX-License-Identifier: Apache-2.0
#include "initiator/scsi/report_luns.hpp"

#include "initiator/scsi/reply.hpp"

namespace persiscsi::scsi {
namespace {

constexpr std::size_t header_size = 8;
constexpr std::size_t lun_size = 8;

}  // namespace

parsed<lun_list> parse_report_luns(std::span<const std::byte> reply) {
    if (reply.size() < header_size) return too_short<lun_list>("REPORT LUNS", reply.size(), header_size);
    const auto length = number_at<4>(reply, 0);
    if (length % lun_size != 0)
        return malformed<lun_list>("REPORT LUNS: list length " + std::to_string(length) + ", not a multiple of 8");
    parsed<lun_list> list;
    list.value.whole_size = header_size + length;
    const auto received = part_of(reply, header_size, length);
    for (std::size_t at = 0; has_field<lun_size>(received, at); at += lun_size)
        list.value.luns.push_back(number_at<lun_size>(received, at));
    return list;
}

}  // namespace persiscsi::scsi
