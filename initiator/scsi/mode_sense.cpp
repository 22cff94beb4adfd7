// SPDX-License-Identifier: Apache-2.0
#include "initiator/scsi/mode_sense.hpp"

#include "initiator/scsi/cdb.hpp"
#include "initiator/scsi/reply.hpp"

namespace persiscsi::scsi {
namespace {

/// Walks the mode pages (SPC, page_0 and sub_page formats) to the caching page and reads its WCE bit.
std::optional<bool> find_write_cache_enabled(std::span<const std::byte> pages) {
    while (pages.size() >= 2) {
        const bool is_subpage = bit_at(pages, 0, 6);
        const auto page = static_cast<mode_page>(byte_at(pages, 0) & 0x3fU);
        if (page == mode_page::caching && !is_subpage && byte_at(pages, 1) >= 1 && has_field<1>(pages, 2))
            return bit_at(pages, 2, 2);
        const auto size = is_subpage ? 4 + number_at<2>(pages, 2) : 2 + number_at<1>(pages, 1);
        pages = pages.subspan(std::min<std::size_t>(size, pages.size()));
    }
    return std::nullopt;
}

/// `data`: the reply up to the end that MODE DATA LENGTH names. `device_specific`: where that byte stands.
parsed<mode_parameters> parse(std::span<const std::byte> data,
                              std::size_t device_specific,
                              std::size_t header_size,
                              std::size_t block_descriptors) {
    const auto pages = data.subspan(std::min(header_size + block_descriptors, data.size()));
    return {.value = {.write_protected = bit_at(data, device_specific, 7),
                      .supports_fua = bit_at(data, device_specific, 4),
                      .write_cache_enabled = find_write_cache_enabled(pages)}};
}

}  // namespace

parsed<mode_parameters> parse_mode_sense_6(std::span<const std::byte> reply) {
    if (reply.size() < 4) return too_short<mode_parameters>("MODE SENSE (6)", reply.size(), 4);
    return parse(part_of(reply, 0, 1U + byte_at(reply, 0)), 2, 4, byte_at(reply, 3));
}

parsed<mode_parameters> parse_mode_sense_10(std::span<const std::byte> reply) {
    if (reply.size() < 8) return too_short<mode_parameters>("MODE SENSE (10)", reply.size(), 8);
    return parse(part_of(reply, 0, 2 + number_at<2>(reply, 0)), 3, 8, number_at<2>(reply, 6));
}

}  // namespace persiscsi::scsi
